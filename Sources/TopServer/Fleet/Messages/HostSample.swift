import ProcFS

/// What one host said of itself for one moment: what agents send, and what the fleet is made of.
///
/// What is not known is `nil`: a first sample has no CPU use, and a client that sends plain text has nothing else.
struct HostSample: Sendable, Equatable {
  var host: String
  /// Version of the agent; `nil` for plain text.
  var agent: String?
  /// Tells one run of an agent from the next; empty for plain text.
  var run = ""
  /// Counts the samples of a run, from 1 and without holes; 0 for plain text.
  var sequence: UInt64 = 0
  /// Nanoseconds since the epoch, by the clock of the host itself.
  var time: Int64
  /// Seconds since the sample before, as measured: what ``busy`` and its parts are about.
  var interval: Double?
  /// Seconds since the host was booted.
  var uptime: Double?
  var cpuCount: Int?
  /// Busy share of all CPUs, from 0 to 1.
  var busy: Double?
  /// The same by mode.
  var modes: ModeShares?
  var load: LoadAverage?
  var memory: HostMemory?
  /// Explained share of the busy time of the last minute, from 0 to 1.
  var coverage: Double?
  /// Those that used most CPU since the sample before, the hottest first; five at most.
  var processes: [TopProcess] = []

  /// Samples of the run that its agent gave up before they reached a hub.
  var givenUp: UInt64 = 0

  /// Bytes of a run.
  static let longestRun = 64
  /// Processes that a sample has at most.
  static let mostProcesses = 5
}

/// Where the time of all CPUs went, as fractions of it, by the names of ``CPUModes``.
struct ModeShares: Sendable, Equatable {
  var user = 0.0
  var nice = 0.0
  var system = 0.0
  var idle = 0.0
  var iowait = 0.0
  var irq = 0.0
  var softirq = 0.0
  var steal = 0.0
  var guest = 0.0

  var busy: Double { user + nice + system + irq + softirq + steal + guest }

  /// All parts; 1, but for what rounding took.
  var total: Double { busy + idle + iowait }
}

/// Memory of a host, in bytes.
struct HostMemory: Sendable, Equatable {
  var total: UInt64
  /// What new work could have without swapping.
  var available: UInt64

  /// What is not available.
  var used: UInt64 { total > available ? total - available : 0 }

  /// From 0 to 1.
  var usedShare: Double { total > 0 ? Double(used) / Double(total) : 0 }
}

/// One of the processes that used most CPU.
struct TopProcess: Sendable, Equatable {
  var pid: Int32
  var name: String
  /// Login name, where it is known.
  var user: String?
  /// CPUs that it used: 1 is one CPU busy all the time.
  var cpu: Double
}
