/// Which process: the pid alone is not enough, since the kernel gives it to another one later.
public struct ProcessIdentity: Hashable, Sendable, Comparable {
  public var pid: Int32
  /// When it started, in clock ticks since boot.
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
