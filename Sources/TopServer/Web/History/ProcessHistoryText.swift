import Jansson
import MicroHTTPD
import ProcFS

/// `/process_history`: times, and one array for each process.
enum ProcessHistoryText {
  /// Encodes one process after the other into the final buffer, so that a long answer is in memory once.
  static func make(_ history: ProcessHistory) throws -> Body {
    let object = JSONValue.object([
      .init("from", .string(RFC3339.text(millisecondsSinceEpoch: history.from))),
      .init("to", .string(RFC3339.text(millisecondsSinceEpoch: history.to))),
      .init("times", .array(history.times.map(HistoryText.time))),
      .init("processes_total", .integer(Int64(history.processCount))),
    ])
    return try BodyBuilder.listing(
      object, "processes", history.trails.lazy.map(trail),
      bytes: history.trails.count * (history.times.count * 6 + 100))
  }

  private static func trail(_ one: ProcessHistory.Trail) -> JSONValue {
    .object([
      .init("pid", .integer(Int64(one.process.identity.pid))),
      .init("name", .string(one.process.name)),
      .init("start_time", .string(RFC3339.text(millisecondsSinceEpoch: one.process.startTime))),
      .init("cpu_percent", .array(one.shares.map { JSONValue($0, percent) })),
    ])
  }

  /// Most shares are zero, which is written as `0`.
  private static func percent(_ share: Double) -> JSONValue {
    share == 0 ? .integer(0) : .real((share * 100).rounded(places: 2))
  }
}
