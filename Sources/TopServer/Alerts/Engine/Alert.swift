import Linux
import ProcFS

/// One time that a rule fired: from then until it cleared.
struct Alert: Sendable, Equatable {
  enum End: String, Sendable {
    /// The value went back.
    case cleared
    /// The rule was taken out of the file while it fired.
    case ruleRemoved = "rule-removed"
    /// The host is no member of the fleet any more.
    case hostForgotten = "host-forgotten"
  }

  /// Counts the alerts, from 1, across restarts.
  var id: Int64
  /// Of which host; `nil` for the machine that the server runs on.
  var host: String?
  /// The rule's name, and the rule in words.
  var rule: String
  var condition: String
  var unit: AlertUnit
  var side: AlertRule.Side
  /// Shares as fractions, like all values here.
  var threshold: Double
  /// Nanoseconds since the epoch from which on the value was beyond the threshold.
  var conditionSince: Int64
  /// When it fired.
  var since: Instant
  /// The value when it fired, and the worst since.
  var firstValue: Double
  var worstValue: Double
  /// Of what the values are, where the rule leaves that open.
  var note: String?
  var suspects: [Suspect] = []
  /// Nanoseconds since the epoch at which it ended; `nil` while it fires.
  var until: Int64?
  /// Seconds for which it fired.
  var seconds = 0.0
  var end: End?

  /// The same alert when it is over.
  func ended(_ end: End, at now: Instant) -> Alert {
    var alert = self
    alert.until = now.wall
    alert.seconds = firingSeconds(at: now)
    alert.end = end
    return alert
  }

  /// How long it has fired, in time that no setting of the wall clock changes.
  func firingSeconds(at now: Instant) -> Double {
    max(0, Double(now.sinceBoot - since.sinceBoot) / 1e9)
  }
}

/// A process that used more CPU while an alert was coming than in the minutes before.
struct Suspect: Sendable, Equatable {
  var identity: ProcessIdentity
  var name: String
  /// Seconds since the epoch; `nil` where only a message of its host tells of it.
  var startTime: Double?
  /// CPUs that it used in the minutes before; `nil` when nothing is known of them.
  var before: Double?
  /// CPUs that it used since.
  var during: Double
  /// Whether it was gone when the alert fired.
  var hasEnded: Bool

  /// By how many CPUs it grew.
  var growth: Double { during - (before ?? 0) }
}
