/// How the kernel schedules a process, from /proc/PID/stat.
///
/// It belongs to the main thread; other threads can differ. See sched(7).
public struct ProcessScheduling: Sendable, Equatable {
  /// From -20 (first) to 19 (last).
  public var nice: Int8
  /// `nil` if the kernel did not report it, or the policy is unknown.
  public var policy: SchedulingPolicy?
  /// The CPU that it ran on last; `nil` if the kernel did not report it.
  public var processor: Int32?

  public init(nice: Int8, policy: SchedulingPolicy? = nil, processor: Int32? = nil) {
    (self.nice, self.policy, self.processor) = (nice, policy, processor)
  }
}

/// A scheduling policy of the kernel.
///
/// The numbers are those of include/uapi/linux/sched.h.
public enum SchedulingPolicy: String, Sendable, CaseIterable {
  case other, fifo, rr, batch, idle, deadline, ext

  /// - Returns: `nil` for an unknown policy.
  public init?(number: UInt64) {
    switch number {
    case 0: self = .other
    case 1: self = .fifo
    case 2: self = .rr
    case 3: self = .batch
    case 5: self = .idle
    case 6: self = .deadline
    case 7: self = .ext
    default: return nil
    }
  }
}

/// How often a process accessed a page that was not mapped, since its start.
///
/// See proc_pid_stat(5), fields (10) and (12).
public struct PageFaults: Sendable, Equatable {
  /// Faults that needed no reading from a disk.
  public var minor: UInt64
  /// Faults that waited for a disk.
  public var major: UInt64

  public init(minor: UInt64, major: UInt64) {
    (self.minor, self.major) = (minor, major)
  }
}
