/// Identifies a process uniquely.
///
/// A pid alone does not suffice, since the kernel reuses it.
public struct ProcessIdentity: Hashable, Sendable, Comparable {
  public var pid: Int32
  /// The start time in clock ticks since boot.
  ///
  /// See proc_pid_stat(5), field (22).
  public var startTicks: UInt64

  public init(pid: Int32, startTicks: UInt64) {
    self.pid = pid
    self.startTicks = startTicks
  }

  public static func < (left: ProcessIdentity, right: ProcessIdentity) -> Bool {
    (left.pid, left.startTicks) < (right.pid, right.startTicks)
  }
}
