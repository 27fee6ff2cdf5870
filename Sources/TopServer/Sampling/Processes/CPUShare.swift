import ProcFS

/// CPU use over some time, as a fraction of one CPU: 1 is one fully busy CPU, and threads can use more.
struct CPUShare: Sendable, Equatable {
  var user: Double
  var system: Double

  static let zero = CPUShare(user: 0, system: 0)

  var total: Double { user + system }
}

extension CPUShare {
  /// Converts ticks over a measured time.
  ///
  /// - Returns: `nil` when no time passed.
  init?(_ ticks: CPUTicks, over nanoseconds: Int64, ticksPerSecond: Double) {
    guard nanoseconds > 0 else { return nil }
    let scale = 1e9 / (Double(nanoseconds) * ticksPerSecond)
    self.init(user: Double(ticks.user) * scale, system: Double(ticks.system) * scale)
  }
}
