/// What was recorded since the service began: how low, how high, and what on average.
struct PastUse: Sendable, Equatable {
  /// Shares as fractions, from 0 to 1.
  struct Range: Sendable, Equatable {
    var min: Double
    var average: Double
    var max: Double
  }

  /// Nanoseconds since the epoch at which the service began.
  var serviceStart: Int64
  /// Busy share of all CPUs; `nil` while nothing is recorded.
  var cpu: Range?
  /// Used share of the memory.
  var memory: Range?
  /// Used share of all real file systems together.
  var disk: Range?
}
