import ProcFS

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
