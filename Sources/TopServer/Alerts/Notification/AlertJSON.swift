import Jansson
import Linux
import ProcFS

/// Encodes alerts and transitions as JSON, for `/alerts`, `/events` and webhooks.
///
/// Values are in the unit given next to them; those of suspects are percent of one CPU.
enum AlertJSON {
  /// A transition.
  static func object(_ transition: AlertTransition, at now: Instant) -> JSONValue {
    let rule = transition.rule
    var members: [JSONValue.Member] = [
      .init("at", time(now.wall)), .init("host", name(transition.host)),
      .init("rule", .string(rule.name)),
      .init("step", .string(transition.name)), .init("condition", .string(rule.description)),
      .init("unit", .string(rule.metric.unit.rawValue)),
      .init("value", number(transition.value, rule.metric.unit)),
      .init("threshold", number(rule.threshold, rule.metric.unit)),
      .init("note", JSONValue(transition.note) { .string($0) }),
    ]
    switch transition.step {
    case .fired(let alert):
      members.append(
        .init("alert", .object(self.members(alert, "firing", alert.firingSeconds(at: now)))))
    case .resolved(let alert): members.append(.init("alert", past(alert)))
    case .pending, .cancelled, .lost, .found: members.append(.init("alert", .null))
    }
    return .object(members)
  }

  /// A resolved alert.
  static func past(_ alert: Alert) -> JSONValue {
    .object(
      members(alert, "resolved", alert.seconds) + [
        .init("note", JSONValue(alert.note) { .string($0) }),
        .init("until", JSONValue(alert.until, time)),
        .init("end", JSONValue(alert.end) { .string($0.rawValue) }),
      ])
  }

  /// The members of an alert, firing or resolved.
  static func members(
    _ alert: Alert, _ state: String, _ seconds: Double
  ) -> [JSONValue.Member] {
    [
      .init("id", .integer(alert.id)), .init("host", name(alert.host)),
      .init("rule", .string(alert.rule)),
      .init("state", .string(state)), .init("since", time(alert.since.wall)),
      .init("seconds", .decimal(seconds, places: 1)),
      .init("condition", .string(alert.condition)),
      .init("condition_since", time(alert.conditionSince)),
      .init("unit", .string(alert.unit.rawValue)),
      .init("threshold", number(alert.threshold, alert.unit)),
      .init("first_value", number(alert.firstValue, alert.unit)),
      .init("worst_value", number(alert.worstValue, alert.unit)),
      .init("suspects", .array(alert.suspects.map(suspect))),
    ]
  }

  private static func suspect(_ suspect: Suspect) -> JSONValue {
    .object([
      .init("pid", .integer(Int64(suspect.identity.pid))), .init("name", .string(suspect.name)),
      .init(
        "start_time",
        JSONValue(suspect.startTime) { .string(RFC3339.text(secondsSinceEpoch: $0)) }),
      .init("before_percent", number(suspect.before, .percentOfOneCPU)),
      .init("during_percent", number(suspect.during, .percentOfOneCPU)),
      .init("has_ended", .bool(suspect.hasEnded)),
    ])
  }

  /// A moment in nanoseconds since the epoch.
  static func time(_ nanosecondsSinceEpoch: Int64) -> JSONValue {
    .string(RFC3339.text(nanosecondsSinceEpoch: nanosecondsSinceEpoch))
  }

  /// The name of another host; `null` for the machine of the server.
  static func name(_ host: String?) -> JSONValue { JSONValue(host) { .string($0) } }

  /// A value in its unit, with two decimals.
  static func number(_ value: Double?, _ unit: AlertUnit) -> JSONValue {
    .decimal(value.map(unit.shown))
  }
}
