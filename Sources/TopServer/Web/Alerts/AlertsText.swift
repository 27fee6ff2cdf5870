import Jansson
import Linux
import ProcFS

/// `/alerts`: the pending and firing alerts, the resolved ones, and every rule with its newest value, as one JSON
/// object.
///
/// Values are in the unit given next to them; those of suspects are percent of one CPU.
enum AlertsText {
  /// - Parameters:
  ///   - webhook: The counters of the webhook; `nil` without one.
  ///   - recent: The limit of resolved alerts, the newest first.
  static func make(
    _ report: AlertReport, _ webhook: WebhookState? = nil, recent: Int = .max
  ) -> [UInt8] {
    object(report, webhook, recent: recent).encoded() + [0x0A]
  }

  private static func object(
    _ report: AlertReport, _ webhook: WebhookState?, recent: Int
  ) -> JSONValue {
    .object([
      .init("sampled_at", AlertJSON.time(report.time.wall)),
      .init(
        "active",
        .array(
          report.entries.compactMap { active(nil, $0.rule, $0.progress, at: report.time) }
            + report.hostEntries.compactMap {
              active($0.host, $0.rule, $0.progress, at: report.time)
            })),
      .init("recent", .array(report.history.prefix(recent).map(AlertJSON.past))),
      .init("rules", .array(report.entries.map(rule))),
      .init("webhook", JSONValue(webhook, sending)),
    ])
  }

  private static func sending(_ state: WebhookState) -> JSONValue {
    .object([
      .init("sent", .integer(Int64(state.sent))),
      .init("failed_attempts", .integer(Int64(state.failures))),
      .init("given_up", .integer(Int64(state.givenUp))),
      .init("dropped", .integer(Int64(state.dropped))),
      .init("last_error", JSONValue(state.lastError) { .string($0) }),
    ])
  }

  // MARK: - Alerts

  /// A pending or firing rule.
  private static func active(
    _ host: String?, _ rule: AlertRule, _ progress: AlertProgress, at now: Instant
  ) -> JSONValue? {
    let newest = [
      JSONValue.Member("value", AlertJSON.number(progress.value, rule.metric.unit)),
      .init("note", JSONValue(progress.note) { .string($0) }),
    ]
    switch progress.phase {
    case .inactive: return nil
    case .pending(let since):
      return .object(pending(host, rule, since, at: now) + newest)
    case .firing(let alert):
      return .object(AlertJSON.members(alert, "firing", alert.firingSeconds(at: now)) + newest)
    }
  }

  /// The members of an alert, with `null` where a pending rule has no value yet.
  private static func pending(
    _ host: String?, _ rule: AlertRule, _ since: Instant, at now: Instant
  ) -> [JSONValue.Member] {
    let seconds = Double(now.sinceBoot - since.sinceBoot) / 1e9
    return [
      .init("id", .null), .init("host", AlertJSON.name(host)), .init("rule", .string(rule.name)),
      .init("state", .string("pending")),
      .init("since", AlertJSON.time(since.wall)), .init("seconds", .decimal(seconds, places: 1)),
      .init("condition", .string(rule.description)),
      .init("condition_since", AlertJSON.time(since.wall)),
      .init("unit", .string(rule.metric.unit.rawValue)),
      .init("threshold", AlertJSON.number(rule.threshold, rule.metric.unit)),
      .init("first_value", .null),
      .init("worst_value", .null), .init("suspects", .array([])),
    ]
  }

  // MARK: - Rules

  private static func rule(_ entry: AlertReport.Entry) -> JSONValue {
    let (rule, unit) = (entry.rule, entry.rule.metric.unit)
    return .object([
      .init("name", .string(rule.name)), .init("metric", .string(rule.metric.name)),
      .init("condition", .string(rule.description)),
      .init("state", .string(state(entry.progress.phase))),
      .init("unit", .string(unit.rawValue)),
      .init("value", AlertJSON.number(entry.progress.value, unit)),
      .init("side", .string(rule.side.rawValue)),
      .init("threshold", AlertJSON.number(rule.threshold, unit)),
      .init("clear", AlertJSON.number(rule.clear, unit)),
      .init("over_seconds", seconds(rule.averaging)),
      .init("for_seconds", seconds(rule.hold)),
      .init("keep_firing_for_seconds", seconds(rule.keepFiring)),
      .init("note", JSONValue(entry.progress.note) { .string($0) }),
    ])
  }

  private static func state(_ phase: AlertProgress.Phase) -> String {
    switch phase {
    case .inactive: "inactive"
    case .pending: "pending"
    case .firing: "firing"
    }
  }

  private static func seconds(_ duration: Duration) -> JSONValue { .real(duration / .seconds(1)) }
}
