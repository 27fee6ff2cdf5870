/// The columns of an answer: the series that a query selects, without duplicates.
struct HistorySelection: Sendable, Equatable {
  struct Column: Sendable, Equatable {
    /// The name of the series, followed by `:min` or `:max` unless it is the mean.
    var name: String
    /// The index of its series in ``HistorySelection/series``.
    var series: Int
    var part: HistoryQuery.Part
    /// The part of the ledger, for a mean that is computed from the means of several series.
    var ledger: LedgerSums.Part?
  }

  /// The series to read, without duplicates.
  private(set) var series: [Series] = []
  /// The indices of the series from which means of the ledger are computed.
  private(set) var partners: [Int] = []
  /// The indices of the series that determine the weights of points, the most accurate last.
  private(set) var weighing: [Int] = []
  /// In the order of the query; the columns of a star are sorted by name.
  private(set) var columns: [Column] = []

  /// The maximum number of names in an error.
  private static let mostNames = 10

  /// - Parameter known: The existing series.
  /// - Throws: a ``HistoryError`` when a selection matches no series.
  init(_ query: HistoryQuery, known: [Series]) throws(HistoryError) {
    let known = known.sorted { $0.name < $1.name }
    let byName = Dictionary(known.enumerated().map { ($1.name, $0) }) { first, _ in first }
    var places: [Int: Int] = [:]
    var chosen: [HistoryQuery.Part: Set<Int>] = [:]
    for selection in query.series {
      let matching = selection.matching(known, byName)
      // A recorder that has just started knows no series yet, so every selection is valid.
      if matching.isEmpty && query.series != HistoryQuery.usual && !known.isEmpty {
        throw Self.unknown(selection, known)
      }
      for index in matching
      where chosen[selection.part, default: []].insert(index).inserted {
        let place = places[index] ?? series.count
        if place == series.count {
          places[index] = place
          series.append(known[index])
        }
        columns.append(
          Column(
            name: selection.part.name(known[index].name), series: place, part: selection.part,
            ledger: selection.part == .average ? .init(known[index]) : nil))
      }
    }
    func read(_ wanted: Series) -> Int? {
      if let place = series.firstIndex(of: wanted) { return place }
      guard let index = byName[wanted.name], known[index] == wanted else { return nil }
      series.append(wanted)
      return series.count - 1
    }
    let kinds = Set(columns.map { PointWeights.Kind(series[$0.series]) })
    if columns.contains(where: { $0.ledger != nil }) {
      partners = LedgerSums.series.compactMap(read)
    }
    if kinds.contains(.cpus) {
      weighing += [PointWeights.cpuCount, PointWeights.countedCPUs].compactMap(read)
    }
    if kinds.contains(.ledger) { weighing += [PointWeights.measured].compactMap(read) }
  }

  private static func unknown(
    _ selection: HistoryQuery.Selection, _ known: [Series]
  ) -> HistoryError {
    .unknownSeries(
      selection.pattern, known: known.prefix(mostNames).map(\.name),
      more: max(0, known.count - mostNames))
  }
}

extension HistoryQuery.Part {
  fileprivate func name(_ series: String) -> String {
    self == .average ? series : "\(series):\(rawValue)"
  }
}

extension HistoryQuery.Selection {
  /// The indices of the selected series.
  ///
  /// - Parameters:
  ///   - known: Sorted by name.
  ///   - byName: The index of each series.
  fileprivate func matching(_ known: [Series], _ byName: [String: Int]) -> [Int] {
    guard let prefix else { return byName[pattern].map { [$0] } ?? [] }
    return known.indices.filter { known[$0].name.utf8.starts(with: prefix.utf8) }
  }
}
