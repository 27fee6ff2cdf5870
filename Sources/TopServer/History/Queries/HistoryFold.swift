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

  /// Whether no block covers the time of the answer.
  private(set) var isEmpty = true

  /// The sums of one series at each point of the answer; a part that is not requested is empty, and so are all parts of a
  /// series without a value.
  ///
  /// It keeps sums and divides at the end, so that a quotient of two series can be computed from their sums.
  struct Cells: Sendable {
    /// The sum of each stored value times its weight; divided by ``weight`` it is the mean.
    private(set) var total: [Double] = []
    /// See ``PointWeights``.
    private(set) var weight: [Double] = []
    private(set) var minimum: [Double] = []
    private(set) var maximum: [Double] = []
    private let parts: Set<HistoryQuery.Part>
    private var points: Int

    fileprivate init(_ parts: Set<HistoryQuery.Part>, points: Int) {
      (self.parts, self.points) = (parts, points)
    }

    /// Allocates the memory for all points, once.
    fileprivate mutating func makeRoom() {
      guard points > 0 else { return }
      func cells(_ part: HistoryQuery.Part, _ value: Double) -> [Double] {
        parts.contains(part) ? Array(repeating: value, count: points) : []
      }
      (total, weight) = (cells(.average, 0), cells(.average, 0))
      (minimum, maximum) = (cells(.minimum, .infinity), cells(.maximum, -.infinity))
      points = 0
    }

    /// The value in the stored scale; `nil` where there was none.
    func value(_ part: HistoryQuery.Part, _ point: Int) -> Double? {
      guard points == 0 else { return nil }
      return switch part {
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
    isEmpty = false
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
    /// The place of each point; not used when all have the same.
    var places: [HistoryGrid.Place] = []
    var weights = PointWeights()
    /// The index of the answer's point to which all of them belong entirely, if there is one.
    var onlyPlace: Int?
    var isEmpty = true
    private var spans: [PointSpan] = []

    mutating func locate(_ block: BlockView, _ grid: HistoryGrid) {
      PointSpan.spans(of: block.points, block.resolution, into: &spans)
      weights.load(block.points)
      onlyPlace = grid.locate(block, spans, into: &places)
      isEmpty = onlyPlace == nil && places.allSatisfy(\.range.isEmpty)
    }
  }
}

extension HistoryFold.Cells {
  fileprivate mutating func add(
    _ column: borrowing ColumnBuffer, _ reach: HistoryFold.Reach, _ weights: [Double]
  ) {
    makeRoom()
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
    guard let only = reach.onlyPlace else {
      for (index, value) in values.enumerated() where value != ColumnBuffer.none {
        let place = reach.places[index]
        for one in place.range {
          let part = weights[index] * place.share(one)
          total[one] += part * Double(value)
          weight[one] += part
        }
      }
      return
    }
    // The common case of a long step: accumulate two numbers instead of two arrays.
    var (sum, count) = (total[only], weight[only])
    for (index, value) in values.enumerated() where value != ColumnBuffer.none {
      sum += weights[index] * Double(value)
      count += weights[index]
    }
    (total[only], weight[only]) = (sum, count)
  }

  private func fold(
    _ values: [Int64], _ reach: HistoryFold.Reach, into cells: inout [Double],
    _ choose: (Double, Double) -> Double
  ) {
    for (index, value) in values.enumerated() where value != ColumnBuffer.none {
      if let only = reach.onlyPlace {
        cells[only] = choose(cells[only], Double(value))
      } else {
        for one in reach.places[index].extremes { cells[one] = choose(cells[one], Double(value)) }
      }
    }
  }
}
