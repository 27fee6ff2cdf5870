/// What counters grew by in a second.
struct Rate {
  var seconds: Double
  /// Whether the counters of the two readings do not belong together.
  var isUnknown = false

  /// - Parameter most: What a counter of this kind can grow by in a second; some are brought up to date once a second only.
  /// - Returns: `nil` when the counter fell or leaped: it began anew, or was wrong in one of the two readings.
  func callAsFunction(_ now: UInt64, _ before: UInt64, most: Double) -> Double? {
    guard now >= before, !isUnknown else { return nil }
    let growth = Double(now - before)
    return growth <= most * max(1, seconds) ? growth / seconds : nil
  }

  /// The share of the time that a counter of it grew by, from 0 to 1.
  ///
  /// - Parameters:
  ///   - growth: Seconds; `nil` when the counter fell.
  ///   - slack: Seconds by which the counter may be coarse.
  /// - Returns: `nil` when it grew by more than the time that passed.
  func share(_ growth: Double?, slack: Double) -> Double? {
    guard let growth, growth <= seconds * 1.05 + slack else { return nil }
    return min(1, growth / seconds)
  }

  /// More than machines can do: a terabyte a second, with the smallest packets and requests.
  static let mostBytes = 1e12
  static let mostPackets = 2e9
  static let mostRequests = 1e8
  /// A fork takes the kernel some ten microseconds.
  static let mostForksPerCPU = 1e6
}

extension Optional where Wrapped == Double {
  /// A sum is known when both parts are.
  static func += (sum: inout Double?, part: Double?) {
    guard let known = sum, let part else { return sum = nil }
    sum = known + part
  }
}
