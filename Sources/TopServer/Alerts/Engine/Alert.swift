import Linux
import ProcFS

/// One firing of a rule, from the moment it fired until it was resolved.
struct Alert: Sendable, Equatable {
  enum End: String, Sendable {
    /// The value was good again for long enough.
    case cleared
    /// The rule was removed from the file while it fired.
    case ruleRemoved = "rule-removed"
    /// The host left the fleet.
    case hostForgotten = "host-forgotten"
  }

  /// The number of the alert, counted from 1 across restarts.
  var id: Int64
  /// The host; `nil` for the machine of the server.
  var host: String?
  /// The rule's name, and the rule in words.
  var rule: String
  var condition: String
  var unit: AlertUnit
  var side: AlertRule.Side
  /// The threshold, in the unit of all values here; shares are fractions.
  var threshold: Double
  /// When the value crossed the threshold, in nanoseconds since the epoch.
  var conditionSince: Int64
  /// When the alert fired.
  var since: Instant
  /// The value when the alert fired, and the worst value since.
  var firstValue: Double
  var worstValue: Double
  /// The subject of the values, such as the fullest file system, if the rule does not name one.
  var note: String?
  var suspects: [Suspect] = []
  /// When the alert was resolved, in nanoseconds since the epoch; `nil` while it fires.
  var until: Int64?
  /// Seconds from firing until resolved.
  var seconds = 0.0
  var end: End?

  /// The resolved alert.
  func ended(_ end: End, at now: Instant) -> Alert {
    var alert = self
    alert.until = now.wall
    alert.seconds = firingSeconds(at: now)
    alert.end = end
    return alert
  }

  /// Seconds since the alert fired, which setting the wall clock does not change.
  func firingSeconds(at now: Instant) -> Double {
    max(0, Double(now.sinceBoot - since.sinceBoot) / 1e9)
  }
}

/// A process that used more CPU while an alert was developing than in the minutes before.
struct Suspect: Sendable, Equatable {
  var identity: ProcessIdentity
  var name: String
  /// Seconds since the epoch; `nil` for a process of another host, whose messages do not include it.
  var startTime: Double?
  /// CPUs used in the minutes before; `nil` when unknown.
  var before: Double?
  /// CPUs used since.
  var during: Double
  /// Whether it had exited when the alert fired.
  var hasEnded: Bool

  /// The increase in CPUs.
  var growth: Double { during - (before ?? 0) }
}
