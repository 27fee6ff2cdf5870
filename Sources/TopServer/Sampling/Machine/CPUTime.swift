import ProcFS

/// The time of all CPUs by mode over a measured time, in nanoseconds, with the kernel's names.
///
/// Values add up over intervals, so the sum over a time range is exact.
struct CPUTime: Sendable, Equatable {
  var user: Int64 = 0
  var nice: Int64 = 0
  var system: Int64 = 0
  var idle: Int64 = 0
  var iowait: Int64 = 0
  var irq: Int64 = 0
  var softirq: Int64 = 0
  var steal: Int64 = 0
  var guest: Int64 = 0
  /// The elapsed time, without the intervals for which the counters are invalid.
  var measured: Int64 = 0
  /// The part of ``measured`` in which busy time is the sum of the sampled modes; see ``CPUInterval``.
  var sampled: Int64 = 0

  /// The time in which CPUs worked, including the time that the hypervisor stole for other guests.
  var busy: Int64 { user + nice + system + irq + softirq + steal + guest }

  /// The sum of all modes: the time of all CPUs that the kernel counted.
  var total: Int64 { busy + idle + iowait }

  /// The share of some nanoseconds in the time of all CPUs, from 0 to 1.
  func share(_ nanoseconds: Int64) -> Double {
    total > 0 ? Double(nanoseconds) / Double(total) : 0
  }

  static func + (left: CPUTime, right: CPUTime) -> CPUTime { combine(left, right, +) }
  static func - (left: CPUTime, right: CPUTime) -> CPUTime { combine(left, right, -) }

  /// Divides an amount in proportion to weights; the heaviest part absorbs the rounding error.
  static func split(_ amount: Int64, by weights: [Int64]) -> [Int64] {
    let sum = weights.reduce(0) { $0 + Double($1) }
    guard sum > 0, let heaviest = weights.indices.max(by: { weights[$0] < weights[$1] }) else {
      return weights.map { _ in 0 }
    }
    var parts = weights.map { Int64((Double(amount) * (Double($0) / sum)).rounded()) }
    parts[heaviest] += amount - parts.reduce(0, +)
    return parts
  }

  private static var busyParts: [WritableKeyPath<CPUTime, Int64>] {
    [\.user, \.nice, \.system, \.irq, \.softirq, \.steal, \.guest]
  }

  private static func combine(
    _ left: CPUTime, _ right: CPUTime, _ operation: (Int64, Int64) -> Int64
  ) -> CPUTime {
    var result = CPUTime()
    for path in busyParts + [\.idle, \.iowait, \.measured, \.sampled] {
      result[keyPath: path] = operation(left[keyPath: path], right[keyPath: path])
    }
    return result
  }
}
