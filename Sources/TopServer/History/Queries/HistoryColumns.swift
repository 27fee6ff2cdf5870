/// The answer to a ``HistoryQuery``: times, and a value of each column at each time.
struct HistoryColumns: Sendable {
  /// Milliseconds between points; not used where points are the recorded samples.
  let step: Int64
  let selection: HistorySelection
  private let fold: HistoryFold
  private let partners: [Series: Int]

  struct Column: Sendable, Equatable {
    /// The name of the series, followed by `:min` or `:max` unless it is the mean.
    var name: String
    /// `nil` where nothing was recorded.
    var values: [Double?]
  }

  /// Reads the blocks twice: first their points, then the wanted values.
  ///
  /// - Parameters:
  ///   - source: The blocks of the time range.
  ///   - known: The existing series.
  /// - Throws: a ``HistoryError`` when a series does not exist or the answer would be too large; errors of the source.
  init(_ query: HistoryQuery, _ source: some BlockSource, known: [Series]) throws {
    try self.init(query, source, HistorySelection(query, known: known))
  }

  /// Reads the blocks for an existing selection.
  init(_ query: HistoryQuery, _ source: some BlockSource, _ selection: HistorySelection) throws {
    self.selection = selection
    try HistoryBudget.check(query, columns: selection.columns.count)
    step = query.chosenStep
    let most = min(
      Int(HistoryQuery.mostPoints), HistoryBudget.mostPoints(columns: selection.columns.count))
    var survey = HistorySurvey(query, mostPoints: most)
    try source.eachBlock([]) { survey.add($0) }
    var fold = HistoryFold(selection, survey.grid)
    if !selection.series.isEmpty { try source.eachBlock(selection.series) { fold.add($0) } }
    self.fold = fold
    var partners: [Series: Int] = [:]
    for place in selection.partners { partners[selection.series[place]] = place }
    self.partners = partners
  }

  /// Milliseconds since the epoch, ascending.
  var times: [Int64] { fold.grid.times }

  /// Whether nothing was recorded in the time range of the answer.
  var isEmpty: Bool { fold.isEmpty }

  /// The number of values in all columns.
  var valueCount: Int { selection.columns.count * times.count }

  /// The value of a column at a point, rounded to the decimals of its series; `nil` where nothing was recorded.
  func value(_ column: HistorySelection.Column, _ point: Int) -> Double? {
    let series = selection.series[column.series]
    guard let value = fold[column.series].value(column.part, point) else { return nil }
    if let part = column.ledger, let ledger = ledger(at: point) {
      return series.shown(ledger[part] * series.scale)
    }
    return series.shown(value)
  }

  /// The ledger at a point of the answer.
  private func ledger(at point: Int) -> LedgerSums? {
    LedgerSums { wanted in
      guard let place = partners[wanted] else { return nil }
      return fold[place].value(.average, point).map { wanted.value($0) }
    }
  }

  /// All columns, which need as much memory again: use it for small answers only.
  var columns: [Column] {
    selection.columns.map { column in
      Column(name: column.name, values: times.indices.map { value(column, $0) })
    }
  }
}

extension HistoryColumns: Equatable {
  static func == (left: HistoryColumns, right: HistoryColumns) -> Bool {
    left.step == right.step && left.times == right.times && left.columns == right.columns
  }
}
