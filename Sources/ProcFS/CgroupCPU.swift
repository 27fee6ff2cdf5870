/// What a control group allows its processes of the CPU.
///
/// See the kernel's admin-guide/cgroup-v2, `cpu.max` and `cpu.stat`, and sched-bwc for version 1.
public struct CgroupCPU: Sendable, Equatable {
  /// CPUs that may be used at once, for example 1.5; `nil` without a limit.
  public var limit: Double?
  /// Periods in which the group was stopped because its share was used up.
  public var throttledPeriods: UInt64
  /// Seconds that it was stopped.
  public var throttledSeconds: Double

  /// Version 2: `cpu.max` is `MAX PERIOD`, where MAX may be the word `max`.
  public init(max: String, stat: String) {
    let words = max.split(whereSeparator: \.isWhitespace)
    if words.count == 2, let quota = Double(words[0]), let period = Double(words[1]), period > 0 {
      limit = quota / period
    }
    let values = Self.values(stat)
    throttledPeriods = values["nr_throttled"] ?? 0
    throttledSeconds = Double(values["throttled_usec"] ?? 0) / 1e6
  }

  /// Version 1: a quota of -1 is none, and the time is in nanoseconds.
  public init(quota: String, period: String, stat: String) {
    func number(_ text: String) -> Double? { Double(text.filter { !$0.isWhitespace }) }
    if let quota = number(quota), let period = number(period), quota > 0, period > 0 {
      limit = quota / period
    }
    let values = Self.values(stat)
    throttledPeriods = values["nr_throttled"] ?? 0
    throttledSeconds = Double(values["throttled_time"] ?? 0) / 1e9
  }

  private static func values(_ text: String) -> [Substring: UInt64] {
    var values: [Substring: UInt64] = [:]
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ")
      if words.count == 2 { values[words[0]] = UInt64(words[1]) }
    }
    return values
  }
}

/// Where the files of our own control group are, from /proc/self/cgroup.
///
/// See cgroups(7).
public struct CgroupPath: Sendable, Equatable {
  /// The folder below the mount of version 2, or of version 1's `cpu` controller.
  public var folder: String
  public var isVersion2: Bool

  /// - Returns: `nil` when no line has a CPU controller.
  public init?(_ text: String) {
    var unified: String?
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3 else { continue }
      if parts[1].split(separator: ",").contains("cpu") {
        self.init(folder: String(parts[2]), isVersion2: false)
        return
      }
      if parts[0] == "0" { unified = String(parts[2]) }
    }
    guard let unified else { return nil }
    self.init(folder: unified, isVersion2: true)
  }

  init(folder: String, isVersion2: Bool) {
    self.folder = folder
    self.isVersion2 = isVersion2
  }
}
