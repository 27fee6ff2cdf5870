/// All processes of a tree, read one after another.
public struct ProcessSweep: Sendable, Equatable {
  /// The processes in ascending order of pid.
  public var processes: [ProcessEntry]
  public var skipped: SkippedProcesses
  /// The number of processes that were not read because they did not run since the last sweep.
  public var unchanged = 0
  /// Why every process was read; `nil` if only those that ran were read.
  public var slowReason: String?

  public init(processes: [ProcessEntry], skipped: SkippedProcesses = SkippedProcesses()) {
    self.processes = processes
    self.skipped = skipped
  }
}

/// The kernel's data on one process.
public struct ProcessEntry: Sendable, Equatable {
  public var stat: ProcessStat
  /// The effective user id: the owner of /proc/PID.
  ///
  /// See proc_pid(5).
  public var uid: UInt32
  /// The number of the last sweep, counted from 0, that found that the process had run.
  ///
  /// What only a running process can change, such as its arguments, is as it was then.
  public var ranInSweep: Int

  public init(stat: ProcessStat, uid: UInt32, ranInSweep: Int = 0) {
    self.stat = stat
    self.uid = uid
    self.ranInSweep = ranInSweep
  }
}

/// Processes that were listed but could not be read or parsed.
///
/// Processes that exited in between do not count.
public struct SkippedProcesses: Sendable, Equatable {
  public var unreadable = 0
  public var malformed = 0
  /// The first error of the sweep, as an example for the log.
  public var example: ProcError?

  public init() {}

  public var total: Int { unreadable + malformed }

  mutating func count(_ error: ProcError) {
    switch error {
    case .unreadable: unreadable += 1
    case .malformed: malformed += 1
    }
    if example == nil { example = error }
  }
}
