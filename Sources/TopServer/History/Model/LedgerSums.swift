/// Computes the ledger of a recorded time range from sums, like the live one.
///
/// The history stores the parts as counted. So their means are exact over a range, and only then are the parts cut to
/// the busy time.
struct LedgerSums: Sendable {
  /// A series of the ledger that is derived from the others.
  enum Part: String, Sendable, CaseIterable {
    case busy, processes, interrupts, steal, unaccounted, coverage, excess
    case endedChildren = "ended_children"
    case kernelThreads = "kernel_threads"

    var series: Series { Self.series[self] ?? .known("ledger.\(rawValue)_percent") }

    init?(_ series: Series) {
      guard let part = Self.bySeries[series] else { return nil }
      self = part
    }

    private static let series = Dictionary(
      uniqueKeysWithValues: allCases.map { ($0, Series.known("ledger.\($0.rawValue)_percent")) })
    private static let bySeries = Dictionary(uniqueKeysWithValues: allCases.map { ($0.series, $0) })
  }

  /// Busy time in percent of one CPU, finer than ``Part/busy``, for quotients.
  static let counted = Series.known("ledger.counted_percent")
  /// The time that explains it, before any cut.
  static let accounted = Series.known("ledger.accounted_percent")

  /// The series that any part needs.
  static let series = Part.allCases.map(\.series) + [counted, accounted]

  private let busy: Double
  private let parts: [Part: Double]
  private let unaccounted: Double
  private let excess: Double

  /// - Parameter mean: The time-weighted mean of a series, in percent of one CPU; `nil` where nothing was recorded.
  /// - Returns: `nil` when the busy time or the balance is unknown.
  init?(_ mean: (Series) -> Double?) {
    let balance: Double
    if let counted = mean(Self.counted), let accounted = mean(Self.accounted) {
      busy = counted
      balance = counted - accounted
    } else if let recorded = mean(Part.busy.series),
      let missing = mean(Part.unaccounted.series), let excess = mean(Part.excess.series)
    {
      // Files of earlier versions store the parts of each second after the cut.
      busy = recorded
      balance = missing - excess
    } else {
      return nil
    }
    unaccounted = min(busy, max(0, balance))
    excess = max(0, -balance)
    var rest = busy - unaccounted
    var parts: [Part: Double] = [:]
    for part in [Part.steal, .processes, .kernelThreads, .endedChildren] {
      parts[part] = min(rest, mean(part.series) ?? 0)
      rest -= parts[part] ?? 0
    }
    parts[.interrupts] = rest
    self.parts = parts
  }

  /// A part in percent of one CPU; the coverage in percent of the busy time.
  subscript(part: Part) -> Double {
    switch part {
    case .busy: busy
    case .unaccounted: unaccounted
    case .excess: excess
    case .coverage: busy > 0 ? (busy - unaccounted) / busy * 100 : 100
    case .processes, .interrupts, .steal, .endedChildren, .kernelThreads: parts[part] ?? 0
    }
  }
}
