/// How long an agent waits before it reconnects: longer after each failure, up to a limit, and with random jitter.
///
/// The jitter spreads the reconnections of hundreds of agents that lost a restarted hub at the same moment.
struct Backoff: Sendable {
  private var failures = 0

  /// Seconds after the first failure, and the limit.
  private static let first = 0.5
  private static let longest = 15.0
  /// Seconds after a failure that an operator must fix.
  private static let afterRefusal = 60.0

  /// The time to wait after a failure.
  ///
  /// - Parameter random: A uniform random number from 0 to 1.
  mutating func next(random: Double) -> Duration {
    let bound = min(Self.longest, Self.first * Double(1 << failures))
    failures = min(failures + 1, 10)
    return .seconds(bound * (0.5 + random / 2))
  }

  /// The time to wait after a failure that an operator must fix, such as a wrong token.
  static func afterRefusal(random: Double) -> Duration { .seconds(afterRefusal * (0.5 + random)) }

  /// Resets the backoff after an answer of the hub.
  mutating func succeeded() { failures = 0 }
}
