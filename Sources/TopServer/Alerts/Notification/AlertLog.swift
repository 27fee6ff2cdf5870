import Linux
import Logging
import ProcFS

/// Formats the log line of each step.
///
/// An alert concerns the machine and is not a fault of the server, so its level is notice.
enum AlertLog {
  static func level(_ step: AlertProgress.Step) -> Logger.Level {
    switch step {
    case .pending, .cancelled: .debug
    case .fired, .resolved, .lost, .found: .notice
    }
  }

  static func line(_ transition: AlertTransition) -> String {
    let head = head(transition.rule.name, of: transition.host)
    switch transition.step {
    case .pending:
      return "\(head) is pending: \(state(transition)); fires \(limit(transition.rule))"
    case .cancelled: return "\(head) is no longer pending: \(state(transition))"
    case .fired(let alert):
      return "\(head) fires: \(state(transition)), \(limit(transition.rule))\(suspects(alert))"
    case .resolved(let alert):
      return "\(head) is resolved after \(LogText.seconds(alert.seconds.rounded())): "
        + "\(state(transition)), \(alert.unit.text(alert.worstValue)) at worst"
    case .lost(let reason):
      return "\(head) has no value: \(LogText.visible(reason))\(standing(transition.phase))"
    case .found(let seconds):
      return "\(head) has a value again after \(LogText.seconds(seconds.rounded())): "
        + "\(state(transition))\(standing(transition.phase))"
    }
  }

  /// The line of an alert that fired before the server restarted.
  ///
  /// - Parameter hasRule: Whether its rule still exists, so that the alert keeps firing.
  static func line(restored alert: Alert, hasRule: Bool, at now: Instant) -> String {
    let age = LogText.seconds(alert.firingSeconds(at: now).rounded())
    let head = head(alert.rule, of: alert.host)
    return hasRule
      ? "\(head) has been firing for \(age): \(alert.condition)"
      : "\(head) is resolved after \(age): its rule was removed"
  }

  /// For example "alert cpu of web-1".
  private static func head(_ rule: String, of host: String?) -> String {
    "alert \(rule)\(host.map { " of \(LogText.visible($0))" } ?? "")"
  }

  /// For example "disk space in use at 93.1 % (/var)".
  private static func state(_ transition: AlertTransition) -> String {
    let metric = transition.rule.metric
    let value = transition.value.map(metric.unit.text) ?? "an unknown value"
    return
      "\(metric.subject) at \(value)\(transition.note.map { " (\(LogText.visible($0)))" } ?? "")"
  }

  /// For example "above 75 % of all CPUs for 30 s".
  private static func limit(_ rule: AlertRule) -> String {
    let threshold = rule.metric.unit.text(rule.threshold)
    let hold = rule.hold > .zero ? " for \(LogText.duration(rule.hold))" : ""
    return "\(rule.side.rawValue) \(threshold)\(hold)"
  }

  private static func standing(_ phase: AlertProgress.Phase) -> String {
    switch phase {
    case .inactive: ""
    case .pending: "; the hold time starts again"
    case .firing: "; it keeps firing"
    }
  }

  /// The CPU use before and since, in percent of one CPU.
  private static func suspects(_ alert: Alert) -> String {
    func percent(_ share: Double) -> String {
      LogText.number(AlertUnit.percentOfOneCPU.shown(share))
    }
    let list = alert.suspects.map { suspect in
      "\(LogText.visible(suspect.name)) (pid \(suspect.identity.pid)) "
        + "\(suspect.before.map(percent) ?? "?") → \(percent(suspect.during)) %"
    }
    return list.isEmpty ? "" : "; grew most: \(list.joined(separator: ", "))"
  }
}
