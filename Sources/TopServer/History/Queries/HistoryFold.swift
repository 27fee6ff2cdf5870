/// Adds up blocks into the points of an answer, one block at a time, in the memory of the answer.
struct HistoryFold: Sendable {
  let grid: HistoryGrid
  /// The cells of each series in the selection.
  private var cells: [Cells]
  private let needsExtremes: [Bool]
  private let kinds: [PointWeights.Kind]
  /// The series that determine the weights of points, in the order in which to apply them.
  private let weighing: [(place: Int, series: Series)]
  private var buffer = ColumnBuffer()
  private var reach = Reach()

  /// The sums of one series at each point of the answer; a part that is not requested is empty.
  ///
  /// It keeps sums and divides at the end, so that a quotient of two series can be computed from their sums.
  struct Cells: Sendable {
    /// The sum of each stored value times its weight; divided by ``weight`` it is the mean.
    private(set) var total: [Double] = []
    /// See ``PointWeights``.
    private(set) var weight: [Double] = []
    private(set) var minimum: [Double] = []
    private(set) var maximum: [Double] = []

    fileprivate init(_ parts: Set<HistoryQuery.Part>, points: Int) {
      func cells(_ part: HistoryQuery.Part, _ value: Double) -> [Double] {
        parts.contains(part) ? Array(repeating: value, count: points) : []
      }
      (total, weight) = (cells(.average, 0), cells(.average, 0))
      (minimum, maximum) = (cells(.minimum, .infinity), cells(.maximum, -.infinity))
    }

    /// The value in the stored scale; `nil` where there was none.
    func value(_ part: HistoryQuery.Part, _ point: Int) -> Double? {
      switch part {
      case .average: weight[point] > 0 ? total[point] / weight[point] : nil
      case .minimum: minimum[point].isFinite ? minimum[point] : nil
      case .maximum: maximum[point].isFinite ? maximum[point] : nil
      }
    }
  }

  init(_ selection: HistorySelection, _ grid: HistoryGrid) {
    self.grid = grid
    var parts: [Set<HistoryQuery.Part>] = Array(repeating: [], count: selection.series.count)
    for column in selection.columns { parts[column.series].insert(column.part) }
    for place in selection.partners { parts[place].insert(.average) }
    kinds = selection.series.map { .init($0) }
    weighing = selection.weighing.map { ($0, selection.series[$0]) }
    cells = parts.map { Cells($0, points: grid.times.count) }
    needsExtremes = parts.map { !$0.isSubset(of: [.average]) }
  }

  subscript(series: Int) -> Cells { cells[series] }

  /// Adds a block; of a damaged block, it adds what precedes the damage.
  mutating func add(_ block: BlockView) {
    reach.locate(block, grid)
    guard !reach.isEmpty else { return }
    var buffer = ColumnBuffer()
    swap(&buffer, &self.buffer)
    defer { swap(&buffer, &self.buffer) }
    weigh(block, &buffer)
    try? block.eachColumn(in: &buffer, needsExtremes: needsExtremes) {
      cells[$0].add($1, reach, reach.weights[kinds[$0]])
    }
  }

  /// Reads the series that determine the weights of points before the others.
  private mutating func weigh(_ block: BlockView, _ buffer: inout ColumnBuffer) {
    for (place, series) in weighing {
      try? block.eachColumn(
        in: &buffer, needsExtremes: needsExtremes, where: { $0 == place }
      ) { _, column in
        switch series {
        case PointWeights.countedCPUs: reach.weights.scaleByCountedCPUs(column.known)
        case PointWeights.cpuCount: reach.weights.scaleByCPUCount(column.known)
        default: reach.weights.scaleByMeasured(column.known)
        }
      }
    }
  }

  /// The points of the answer to which each point of one block belongs.
  fileprivate struct Reach {
    var places: [Range<Int>] = []
    var weights = PointWeights()
    /// The index of the answer's point to which all of them belong, if it is the same for all.
    var onlyPlace: Int?
    var isEmpty = true

    mutating func locate(_ block: BlockView, _ grid: HistoryGrid) {
      places.removeAll(keepingCapacity: true)
      for point in block.points { places.append(grid.places(of: point, block.resolution)) }
      weights.load(block.points)
      isEmpty = places.allSatisfy(\.isEmpty)
      let first = places.first ?? 0..<0
      onlyPlace =
        first.count == 1 && places.allSatisfy { $0 == first } ? first.lowerBound : nil
    }
  }
}

extension HistoryFold.Cells {
  fileprivate mutating func add(
    _ column: borrowing ColumnBuffer, _ reach: HistoryFold.Reach, _ weights: [Double]
  ) {
    let average = column.average
    if !total.isEmpty { addMeans(average, reach, weights) }
    if !minimum.isEmpty {
      fold(column.minimum.isEmpty ? average : column.minimum, reach, into: &minimum) { min($0, $1) }
    }
    if !maximum.isEmpty {
      fold(column.maximum.isEmpty ? average : column.maximum, reach, into: &maximum) { max($0, $1) }
    }
  }

  private mutating func addMeans(
    _ values: [Int64], _ reach: HistoryFold.Reach, _ weights: [Double]
  ) {
    guard let place = reach.onlyPlace else {
      for (index, value) in values.enumerated() where value != ColumnBuffer.none {
        for place in reach.places[index] {
          total[place] += weights[index] * Double(value)
          weight[place] += weights[index]
        }
      }
      return
    }
    // The common case of a long step: accumulate two numbers instead of two arrays.
    var (sum, count) = (total[place], weight[place])
    for (index, value) in values.enumerated() where value != ColumnBuffer.none {
      sum += weights[index] * Double(value)
      count += weights[index]
    }
    (total[place], weight[place]) = (sum, count)
  }

  private func fold(
    _ values: [Int64], _ reach: HistoryFold.Reach, into cells: inout [Double],
    _ choose: (Double, Double) -> Double
  ) {
    for (index, value) in values.enumerated() where value != ColumnBuffer.none {
      for place in reach.places[index] { cells[place] = choose(cells[place], Double(value)) }
    }
  }
}
