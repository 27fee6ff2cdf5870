import Jansson
import MicroHTTPD
import ProcFS

/// `/explain`: which processes used the CPU in a time range, as one JSON object.
enum ExplainText {
  /// Encodes one process after the other into the final buffer, so that a long answer is in memory once.
  static func make(_ explanation: Explanation, _ userNames: UserNames) throws -> Body {
    func seconds(_ value: Double?) -> JSONValue {
      JSONValue(value) { .real($0.rounded(places: 2)) }
    }
    let users = userNames.known(Set(explanation.suspects.map(\.process.uid)))
    let object = JSONValue.object([
      .init("from", .string(RFC3339.text(millisecondsSinceEpoch: explanation.from))),
      .init("to", .string(RFC3339.text(millisecondsSinceEpoch: explanation.to))),
      .init("measured_seconds", seconds(explanation.measuredSeconds)),
      .init("measured_seconds_before", seconds(explanation.measuredSecondsBefore)),
      .init("busy_seconds", seconds(explanation.busySeconds)),
      .init("coverage_percent", seconds(explanation.coverage.map { $0 * 100 })),
      .init("processes_total", .integer(Int64(explanation.processCount))),
    ])
    return try BodyBuilder.listing(
      object, "processes", explanation.suspects.lazy.map { suspect($0, users) },
      bytes: explanation.suspects.count * 300)
  }

  private static func suspect(_ one: Explanation.Suspect, _ users: KnownUsers) -> JSONValue {
    func seconds(_ value: Double) -> JSONValue { .real(value.rounded(places: 2)) }
    return .object([
      .init("pid", .integer(Int64(one.process.identity.pid))),
      .init("name", .string(one.process.name)),
      .init("user", JSONValue(users.text(of: one.process.uid)) { .string($0) }),
      .init(
        "start_time", .string(RFC3339.text(millisecondsSinceEpoch: one.process.startTime))),
      .init("cpu_seconds", seconds(one.total)),
      .init("user_seconds", seconds(one.user)),
      .init("system_seconds", seconds(one.system)),
      .init("children_seconds", seconds(one.children)),
      .init("cpu_seconds_before", seconds(one.before)),
      .init("new", .bool(one.isNew)),
      .init("ended", .bool(one.hasEnded)),
      .init("kernel", .bool(one.process.isKernelThread)),
    ])
  }
}
