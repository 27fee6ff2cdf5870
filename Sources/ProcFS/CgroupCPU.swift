/// What our control groups allow us of the CPU: the lowest limit between the root of the mount and our own group.
public struct CgroupCPU: Sendable, Equatable {
  /// CPUs that may be used at once, for example 1.5; `nil` without a limit.
  public var limit: Double?
  /// The group that imposes the limit, as /proc/self/cgroup would write it; our own where there is no limit.
  public var group: String
  /// How often that group was stopped because its share was used up.
  public var throttling: CgroupThrottling

  public init(
    limit: Double? = nil, group: String = "/", throttling: CgroupThrottling = CgroupThrottling()
  ) {
    self.limit = limit
    self.group = group
    self.throttling = throttling
  }
}

/// CPUs that one group allows.
///
/// See the kernel's admin-guide/cgroup-v2, `cpu.max`, and scheduler/sched-bwc for version 1.
enum CgroupLimit {
  /// Version 2: `MAX PERIOD` in microseconds, where MAX may be the word `max`.
  static func cpus(max: String) -> Double? {
    let words = max.split(whereSeparator: \.isWhitespace)
    return words.count == 2 ? cpus(words[0], per: words[1]) : nil
  }

  /// Version 1: a quota of -1 is none.
  static func cpus(quota: String, period: String) -> Double? {
    guard let quota = quota.split(whereSeparator: \.isWhitespace).first,
      let period = period.split(whereSeparator: \.isWhitespace).first
    else { return nil }
    return cpus(quota, per: period)
  }

  private static func cpus(_ quota: Substring, per period: Substring) -> Double? {
    guard let quota = UInt64(quota), let period = UInt64(period), quota > 0, period > 0 else {
      return nil
    }
    return Double(quota) / Double(period)
  }
}

/// How often and how long a group was stopped because its share of the CPU was used up.
///
/// See the kernel's admin-guide/cgroup-v2, `cpu.stat`, and scheduler/sched-bwc for version 1.
public struct CgroupThrottling: Sendable, Equatable {
  /// Periods in which it was stopped.
  public var periods: UInt64 = 0
  public var seconds = 0.0

  public init() {}

  /// Version 2 counts microseconds (`throttled_usec`), version 1 nanoseconds (`throttled_time`).
  public init(stat: String) {
    for line in stat.split(separator: "\n") {
      let words = line.split(separator: " ")
      guard words.count == 2, let number = UInt64(words[1]) else { continue }
      switch words[0] {
      case "nr_throttled": periods = number
      case "throttled_usec": seconds = Double(number) / 1e6
      case "throttled_time": seconds = Double(number) / 1e9
      default: break
      }
    }
  }
}
