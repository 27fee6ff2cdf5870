import Jansson
import ProcFS

/// `/process_history`: times, and one array for each process.
enum ProcessHistoryText {
  static func make(_ history: ProcessHistory, limit: Int) -> [UInt8] {
    let object = JSONValue.object([
      .init("from", .string(RFC3339.text(millisecondsSinceEpoch: history.from))),
      .init("to", .string(RFC3339.text(millisecondsSinceEpoch: history.to))),
      .init("times", .array(history.times.map(HistoryText.time))),
      .init("processes_total", .integer(Int64(history.trails.count))),
      .init("processes", .array(history.trails.prefix(limit).map(trail))),
    ])
    return object.encoded() + [0x0A]
  }

  private static func trail(_ one: ProcessHistory.Trail) -> JSONValue {
    .object([
      .init("pid", .integer(Int64(one.process.identity.pid))),
      .init("name", .string(one.process.name)),
      .init("start_time", .string(RFC3339.text(millisecondsSinceEpoch: one.process.startTime))),
      .init("cpu_percent", .array(one.shares.map { JSONValue($0, percent) })),
    ])
  }

  /// Most are nothing, which is written as short as it can be.
  private static func percent(_ share: Double) -> JSONValue {
    share == 0 ? .integer(0) : .real((share * 100).rounded(places: 2))
  }
}
