/// Every process of a tree, read once, one after the other.
public struct ProcessSweep: Sendable, Equatable {
  /// In ascending order of pid.
  public var processes: [ProcessEntry]
  public var skipped: SkippedProcesses
  /// Processes that did not run since the sweep before, and so were not read.
  public var unchanged = 0
  /// Why every process was read; `nil` where only those are that ran.
  public var slowReason: String?

  public init(processes: [ProcessEntry], skipped: SkippedProcesses = SkippedProcesses()) {
    self.processes = processes
    self.skipped = skipped
  }
}

/// One process as the kernel described it.
public struct ProcessEntry: Sendable, Equatable {
  public var stat: ProcessStat
  /// The effective user id: the owner of /proc/PID.
  ///
  /// See proc_pid(5).
  public var uid: UInt32

  public init(stat: ProcessStat, uid: UInt32) {
    self.stat = stat
    self.uid = uid
  }
}

/// Processes that were listed and could not be read.
///
/// One that ended in between is not among them.
public struct SkippedProcesses: Sendable, Equatable {
  public var unreadable = 0
  public var malformed = 0
  /// The first reason of the sweep, as an example for the log.
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
