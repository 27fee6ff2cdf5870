/// The CPU limit of our control groups: the lowest one from the root of the mount to our own group.
public struct CgroupCPU: Sendable, Equatable {
  /// The number of CPUs that we may use, for example 1.5; `nil` without a limit.
  public var limit: Double?
  /// The group that imposes the limit, as in /proc/self/cgroup; our own group if there is no limit.
  public var group: String
  /// How often the kernel throttled that group because it had used up its quota.
  public var throttling: CgroupThrottling

  public init(
    limit: Double? = nil, group: String = "/", throttling: CgroupThrottling = CgroupThrottling()
  ) {
    self.limit = limit
    self.group = group
    self.throttling = throttling
  }
}

/// Parses the CPU limit of one group.
///
/// See the kernel's admin-guide/cgroup-v2, `cpu.max`, and scheduler/sched-bwc for version 1.
enum CgroupLimit {
  /// Version 2: `MAX PERIOD` in microseconds.
  ///
  /// MAX may be the word `max`.
  static func cpus(max: String) -> Double? {
    let words = max.split(whereSeparator: \.isWhitespace)
    return words.count == 2 ? cpus(words[0], per: words[1]) : nil
  }

  /// Version 1: a quota of -1 means no limit.
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

/// How often and how long the kernel throttled a group because it had used up its CPU quota.
///
/// See the kernel's admin-guide/cgroup-v2, `cpu.stat`, and scheduler/sched-bwc for version 1.
public struct CgroupThrottling: Sendable, Equatable {
  /// The number of periods in which the group was throttled.
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
