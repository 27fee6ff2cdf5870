/// How the busy time of all CPUs was found, and of how much time nothing is known.
struct CPUCounting: Sendable, Equatable {
  /// Why busy was the sum of the sampled modes in the last interval; `nil` when it was what was not idle.
  var sampledBecause: String?
  /// Why nothing is known of the last interval; `nil` when something is.
  var unknownBecause: String?
  /// Seconds of the window that the averages of the CPUs cover.
  var measured = 0.0
  /// Those of them in which busy was the sum of the sampled modes.
  var sampled = 0.0
  /// Seconds of the window of which nothing is known.
  var unknown = 0.0
}
