/// Which columns an answer has: what a query selects of the series that there are, each column once.
struct HistorySelection: Sendable, Equatable {
  struct Column: Sendable, Equatable {
    /// The series, with what of it where that is not the mean.
    var name: String
    /// Which one of ``HistorySelection/series`` it is made of.
    var series: Int
    var part: HistoryQuery.Part
    /// The part of the ledger that a mean is, which is made of the means of several series.
    var ledger: LedgerSums.Part?
  }

  /// The series that have to be read, each once.
  private(set) var series: [Series] = []
  /// Which of them a mean of the ledger is made of.
  private(set) var partners: [Int] = []
  /// Which of them say how much points weigh, those that know best last.
  private(set) var weighing: [Int] = []
  /// In the order of the query, those of a star by name.
  private(set) var columns: [Column] = []

  /// Names that an error lists at most.
  private static let mostNames = 10

  /// - Parameter known: The series that there are.
  /// - Throws: a ``HistoryError`` when a series is asked for that there is not.
  init(_ query: HistoryQuery, known: [Series]) throws(HistoryError) {
    let known = known.sorted { $0.name < $1.name }
    let byName = Dictionary(known.enumerated().map { ($1.name, $0) }) { first, _ in first }
    var places: [Int: Int] = [:]
    var chosen: [HistoryQuery.Part: Set<Int>] = [:]
    for selection in query.series {
      let matching = selection.matching(known, byName)
      // A recorder that has only begun knows no names yet, and nothing can be wrong with any.
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
  /// The places of the series that it selects.
  ///
  /// - Parameters:
  ///   - known: By name.
  ///   - byName: The place of each.
  fileprivate func matching(_ known: [Series], _ byName: [String: Int]) -> [Int] {
    guard let prefix else { return byName[pattern].map { [$0] } ?? [] }
    return known.indices.filter { known[$0].name.utf8.starts(with: prefix.utf8) }
  }
}
