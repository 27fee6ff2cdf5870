import Linux
import ProcFS

/// What follows from the samples of the window: the one value that every answer is made from.
struct Snapshot: Sendable, Equatable {
  /// Counts the sweeps since the start, from 1.
  var sequence: UInt64
  /// When the newest sweep began.
  var time: Instant
  /// CPUs that are online.
  var cpuCount: Int
  /// Seconds since the sweep before, as measured; `nil` at the first.
  var interval: Double?
  /// Seconds that a full average covers, as measured; `nil` at the first.
  var window: Double?
  /// In ascending order of pid.
  var processes: [ProcessRow]
  /// What could not be read.
  var skipped: SkippedProcesses
  /// What the machine did since the sweep before; `nil` at the first, and when ``cpuCounting`` says why nothing is known.
  var recentUse: SystemUse?
  /// What the machine did over the window.
  var averageUse: SystemUse?
  /// How the busy time was found.
  var cpuCounting = CPUCounting()
  /// Where the time of all CPUs went since boot; `nil` when /proc/stat could not be read.
  var cpuSinceBoot: CPUSeconds?
  /// What the machine uses beside the CPU.
  var machine = MachineUse()
  /// The newest gap in the samples.
  var lastGap: Gap?
  /// What this sweep cost.
  var sweepCost = SweepCost()
  /// What we can see of the machine, and what we may use of it.
  var surroundings = Surroundings()
}

/// What a sweep cost, and how late it was.
struct SweepCost: Sendable, Equatable {
  /// Seconds from its begin until the snapshot was made.
  var duration = 0.0
  /// Seconds between the first moment at which a sample was due and none had come, and its begin.
  var lag = 0.0
  /// Samples since the start that were due and were not taken.
  var skippedTotal = 0
  /// Processes that had to be read; the others did not run.
  var processesRead = 0
  /// Why all of them had to be; `nil` when only those were that ran.
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
  /// Unknown in tables of the past.
  var threads: Int32?
  /// Unknown in tables of the past.
  var residentBytes: UInt64?
  /// Seconds since the epoch.
  var startTime: Double
  /// CPU use over the window, or since the process was first known; `nil` while there is only one sample of it.
  var average: CPUShare?
  /// Seconds that ``average`` covers.
  var window: Double?
  /// CPU use since the sweep before.
  var recent: CPUShare?
  /// CPU use over the window of children that ended and were waited for.
  var childrenAverage: CPUShare?
  /// The same since the sweep before.
  var childrenRecent: CPUShare?
}
