/// How long an agent waits before it connects again: longer after each failure, up to a bound, and never all alike.
///
/// When a hub is started anew, hundreds of agents that lost it in the same moment come back one after the other.
struct Backoff: Sendable {
  private var failures = 0

  /// Seconds after the first failure, and at most.
  private static let first = 0.5
  private static let longest = 15.0
  /// Seconds after a refusal that only a person can mend.
  private static let afterRefusal = 60.0

  /// What to wait now.
  ///
  /// - Parameter random: From 0 to 1, evenly.
  mutating func next(random: Double) -> Duration {
    let bound = min(Self.longest, Self.first * Double(1 << failures))
    failures = min(failures + 1, 10)
    return .seconds(bound * (0.5 + random / 2))
  }

  /// What to wait after a refusal: a wrong token does not become right by asking often.
  static func afterRefusal(random: Double) -> Duration { .seconds(afterRefusal * (0.5 + random)) }

  /// Says that the hub has answered.
  mutating func succeeded() { failures = 0 }
}
