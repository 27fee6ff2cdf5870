import Linux
import ProcFS

/// The state of the machine computed from the samples of the window: every answer is made from it.
struct Snapshot: Sendable, Equatable {
  /// The number of sweeps since the start, from 1.
  var sequence: UInt64
  /// When the newest sweep began.
  var time: Instant
  /// CPUs that are online.
  var cpuCount: Int
  /// Measured seconds since the previous sweep; `nil` at the first.
  var interval: Double?
  /// Measured seconds that a full average covers; `nil` at the first.
  var window: Double?
  /// In ascending order of pid.
  var processes: [ProcessRow]
  /// The processes that could not be read.
  var skipped: SkippedProcesses
  /// The processes with files that say who they are and that the server may not read.
  var notPermitted = NotPermitted()
  /// The machine's CPU use since the previous sweep; `nil` at the first, and when ``cpuCounting`` says why it is
  /// unknown.
  var recentUse: SystemUse?
  /// The machine's CPU use over the window.
  var averageUse: SystemUse?
  /// How the busy time was determined.
  var cpuCounting = CPUCounting()
  /// The time of all CPUs since boot by mode; `nil` when /proc/stat could not be read.
  var cpuSinceBoot: CPUSeconds?
  /// The machine's memory, disks, file systems and network.
  var machine = MachineUse()
  /// The newest gap between samples.
  var lastGap: Gap?
  /// The cost of this sweep.
  var sweepCost = SweepCost()
  /// What the server can see of the machine and may use of it.
  var surroundings = Surroundings()
}

/// The cost and delay of a sweep.
struct SweepCost: Sendable, Equatable {
  /// Seconds from the start of the sweep until the snapshot was complete.
  var duration = 0.0
  /// Seconds from the first unserved due moment until the sweep began.
  var lag = 0.0
  /// Samples since the start that were due and not taken.
  var skippedTotal = 0
  /// Processes that were read; the others had not run since the previous sweep.
  var processesRead = 0
  /// Why every process was read; `nil` when only those that had run were read.
  var slowReason: String?
}

/// One process of a ``Snapshot``.
struct ProcessRow: Sendable, Equatable {
  var identity: ProcessIdentity
  var name: String
  var state: ProcessState
  var parentPID: Int32
  /// Effective user id.
  var uid: UInt32
  var isKernelThread: Bool
  /// `nil` in tables of the past.
  var threads: Int32?
  /// `nil` in tables of the past.
  var residentBytes: UInt64?
  /// Seconds since the epoch.
  var startTime: Double
  /// CPU use over the window, or since the process was first seen; `nil` until its second sample.
  var average: CPUShare?
  /// Seconds that ``average`` covers.
  var window: Double?
  /// CPU use since the previous sweep.
  var recent: CPUShare?
  /// CPU use over the window of children that exited and were waited for.
  var childrenAverage: CPUShare?
  /// CPU use since the previous sweep of children that exited and were waited for.
  var childrenRecent: CPUShare?
  /// Page faults a second since the previous sweep; `nil` in tables of the past.
  var faults: PageFaultRates?
  /// `nil` in tables of the past.
  var scheduling: ProcessScheduling?
  /// `nil` until they have been read; see ``program``.
  var details: ProcessDetails?

  /// What a person calls the program; the kernel's name until the details have been read.
  var program: String { details?.program ?? name }
}

/// How many page faults a process had in a second, rounded.
struct PageFaultRates: Sendable, Equatable {
  var minor: UInt32
  var major: UInt32

  /// - Returns: `nil` when no time passed, or a counter fell or grew implausibly.
  init?(_ now: PageFaults, since before: PageFaults, _ rate: Rate) {
    guard rate.seconds > 0, let minor = rate(now.minor, before.minor, most: Rate.mostFaults),
      let major = rate(now.major, before.major, most: Rate.mostFaults)
    else { return nil }
    // A growth within a short interval can be a higher rate than the limit.
    func whole(_ value: Double) -> UInt32 { UInt32(min(value, Rate.mostFaults).rounded()) }
    (self.minor, self.major) = (whole(minor), whole(major))
  }
}
