import Linux

/// A time in which samples were due and none was taken.
struct Gap: Sendable, Equatable {
  /// Nanoseconds since the epoch at which sampling resumed.
  var ended: Int64
  /// Seconds between the two samples around it, suspension included.
  var seconds: Double
  /// Seconds of it in which the machine was suspended.
  var suspendedSeconds: Double

  /// The gap between two samples, or `nil` when they are at most three intervals apart.
  init?(between earlier: Instant, and later: Instant, interval: Duration) {
    let total = Double(later.sinceBoot - earlier.sinceBoot) / 1e9
    let awake = Double(later.monotonic - earlier.monotonic) / 1e9
    guard total > 3 * (interval / .seconds(1)) else { return nil }
    ended = later.wall
    seconds = total
    suspendedSeconds = max(0, total - awake)
  }
}
