/// A query for `/history`, or for an export.
struct HistoryQuery: Sendable, Equatable {
  /// Milliseconds since the epoch.
  var from: Int64
  /// Milliseconds since the epoch, inclusive.
  var to: Int64
  /// Milliseconds between two points of the answer; `nil` lets the server choose.
  var step: Int64?
  var series: [Selection]
  /// A host of the fleet; `nil` for this machine.
  var host: String?
  /// The whole range if this query is a portion of it; `nil` otherwise.
  var portionOf: ClosedRange<Int64>?

  /// One or more series, and which part of them is wanted where a point covers several samples.
  struct Selection: Sendable, Hashable {
    /// A name, or a prefix followed by a star.
    var pattern: String
    var part = Part.average

    /// The prefix of the selected names; `nil` when the pattern is a single name.
    var prefix: Substring? { pattern.hasSuffix("*") ? pattern.dropLast() : nil }
  }

  enum Part: String, Sendable, CaseIterable {
    case average = "avg"
    case minimum = "min"
    case maximum = "max"
  }

  /// The maximum number of points in an answer.
  static let mostPoints: Int64 = 10_000
  /// The lower bound of the seconds that a step cannot have; see ``Moment/duration(_:)``.
  static let stepLimit: Int64 = 1_000_000_000_000
  /// The maximum number of points with a step that the server chose: as many as a chart can show.
  private static let chosenPoints: Int64 = 1_500
  private static let steps: [Int64] = [
    1, 10, 60, 300, 600, 1800, 3600, 10800, 21600, 86400, 604_800,
  ].map { $0 * 1000 }

  /// The default series, which the charts of a host show first.
  static let usual = [
    "cpu.busy_percent", "cpu.user_percent", "cpu.system_percent", "cpu.iowait_percent",
    "load.load_1", "memory.used_percent",
  ].map { Selection(pattern: $0) }

  /// The parameters of `/history`.
  static let parameters = QueryParameters([
    QueryParameter(
      "series",
      "cpu.* selects all series whose names begin with \"cpu.\"; :min, :max or :avg selects which "
        + "value of a point that combines several samples.",
      .text(
        "all, or names separated by commas, each optionally followed by :min, :max or :avg"),
      absent: usual.map(\.pattern).joined(separator: ",")),
    QueryParameter("from", "The first moment.", .moment, absent: "-20m"),
    QueryParameter("to", "The last moment.", .moment, absent: "now"),
    QueryParameter(
      "step", "The time between two points; without it, the finest that a chart can show.",
      QueryValues(kind: .duration(from: 1), words: "seconds from 1, or a time such as 5m")),
    QueryParameter("host", "A host of the fleet; without it, this machine.", .text("a name")),
  ])

  /// - Parameters:
  ///   - items: Names and values, as in a query string.
  ///   - now: Milliseconds since the epoch.
  /// - Throws: a ``HistoryError`` that names the parameter and what it accepts.
  init(_ items: [(name: String, value: String)], now: Int64) throws(HistoryError) {
    (from, to, series) = (now - 1_200_000, now, Self.usual)
    var reader = QueryReader<HistoryError>(items, of: Self.parameters)
    while let value = try reader.next() {
      switch value.name {
      case "from": from = try value.moment(now: now)
      case "to": to = try value.moment(now: now)
      case "step": step = try Self.step(value)
      case "series": series = try Self.selections(value)
      case "host": host = value.text
      default: break
      }
    }
    guard from < to else { throw .badQuery("from must lie before to") }
    // The columns of a star are not known yet, and they determine which step fits.
    if series.allSatisfy({ $0.prefix == nil }) {
      try HistoryBudget.check(self, columns: series.count)
    }
  }

  /// The range whose ends cut points: the time outside does not count.
  var range: ClosedRange<Int64> { portionOf ?? from...to }

  /// The beginning of the first step, which may lie before `from`.
  var firstStep: Int64 { Self.floor(from, chosenStep) }

  /// The number of points at that step; a partial step at either end counts as one.
  var pointCount: Int { Int((to - firstStep) / chosenStep) + 1 }

  /// The maximum number of points at that step, wherever steps begin.
  var mostPointCount: Int64 { (to - from) / chosenStep + 2 }

  /// The smallest step, in seconds, with at most that many points, wherever steps begin.
  ///
  /// - Parameter points: 2 or more, since the first and the last step may be partial.
  func leastStep(points: Int) -> Int64 { (to - from) / Int64(points - 1) / 1000 + 1 }

  /// The last multiple of a step at or before a moment, which may lie before the epoch.
  static func floor(_ moment: Int64, _ step: Int64) -> Int64 {
    let remainder = moment % step
    return moment - (remainder < 0 ? remainder + step : remainder)
  }

  /// The requested step, or the finest that a chart can show.
  var chosenStep: Int64 {
    if let step { return step }
    let week: Int64 = 604_800_000
    // Longer ranges use whole weeks.
    return Self.steps.first { (to - from) / $0 < Self.chosenPoints }
      ?? ((to - from) / Self.chosenPoints / week + 1) * week
  }

  private static func step(_ value: QueryValue<HistoryError>) throws(HistoryError) -> Int64 {
    guard let step = Moment.duration(value.text[...]), step >= 1000 else {
      throw value.bad(isWhole: true)
    }
    return step
  }

  /// The selections without duplicates, in the order of the query.
  private static func selections(
    _ value: QueryValue<HistoryError>
  ) throws(HistoryError) -> [Selection] {
    var selections: [Selection] = []
    var seen: Set<Selection> = []
    for item in value.list() {
      let parts = item.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      let part = parts.count > 1 ? Part(rawValue: String(parts[1])) : .average
      guard let part, let name = parts.first, !name.isEmpty else {
        throw value.bad()
      }
      let selection = Selection(pattern: name == "all" ? "*" : String(name), part: part)
      if seen.insert(selection).inserted { selections.append(selection) }
    }
    try HistoryBudget.check(selections: selections.count)
    return selections
  }
}
