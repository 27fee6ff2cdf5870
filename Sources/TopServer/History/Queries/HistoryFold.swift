/// Adds blocks up to the points of an answer, one block at a time: its memory is that of the answer.
struct HistoryFold: Sendable {
  let grid: HistoryGrid
  /// Of each series of the selection.
  private var cells: [Cells]
  private let needsExtremes: [Bool]
  private let kinds: [PointWeights.Kind]
  /// Which of the series say how much points weigh, in the order in which they are to be taken.
  private let weighing: [(place: Int, series: Series)]
  private var buffer = ColumnBuffer()
  private var reach = Reach()

  /// What is known of one series at each point of the answer; a part that is not asked for is empty.
  ///
  /// What adds up is kept, and divided at the end: so a quotient of two series can be made of their sums.
  struct Cells: Sendable {
    /// Values as they are kept, each times what it weighs; divided by ``weight`` they are the mean.
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

    /// The value as it is kept; `nil` where there was none.
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

  /// A block whose bytes say what cannot be adds what could be read before that.
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

  /// Reads the series that say how much points weigh before the others.
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

  /// Where the points of one block belong.
  fileprivate struct Reach {
    var places: [Range<Int>] = []
    var weights = PointWeights()
    /// The place that all of them belong to, if there is such a one.
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
    // The usual case of a long step: two numbers instead of two arrays.
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
