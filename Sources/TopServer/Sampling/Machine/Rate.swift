/// Computes the growth of counters per second.
struct Rate {
  var seconds: Double
  /// Whether the two readings belong to different counters.
  var isUnknown = false

  /// - Parameter most: The highest plausible growth per second; for shorter intervals the limit stays that of a second,
  ///   since the kernel updates some counters only once a second.
  /// - Returns: `nil` when the counter fell or grew implausibly: it was reset, or one of the readings was wrong.
  func callAsFunction(_ now: UInt64, _ before: UInt64, most: Double) -> Double? {
    guard now >= before, !isUnknown else { return nil }
    let growth = Double(now - before)
    return growth <= most * max(1, seconds) ? growth / seconds : nil
  }

  /// The share of the time by which a time counter grew, from 0 to 1.
  ///
  /// - Parameters:
  ///   - growth: Seconds; `nil` when the counter fell.
  ///   - slack: The resolution of the counter in seconds.
  /// - Returns: `nil` when the counter grew by more than the elapsed time.
  func share(_ growth: Double?, slack: Double) -> Double? {
    guard let growth, growth <= seconds * 1.05 + slack else { return nil }
    return min(1, growth / seconds)
  }

  /// More than any machine can do: a terabyte a second, in the smallest packets and requests.
  static let mostBytes = 1e12
  static let mostPackets = 2e9
  static let mostRequests = 1e8
  /// A page fault takes the kernel a tenth of a microsecond or more; the threads of a process may have hundreds of CPUs.
  static let mostFaults = 4e9
  /// A fork takes the kernel about ten microseconds.
  static let mostForksPerCPU = 1e6
}

extension Optional where Wrapped == Double {
  /// Adds two optional numbers: the sum is `nil` unless both are known.
  static func += (sum: inout Double?, part: Double?) {
    guard let known = sum, let part else { return sum = nil }
    sum = known + part
  }
}
