/// One sample of a host: agents send it, and the fleet consists of them.
///
/// An unknown value is `nil`: a first sample has no CPU use, and plain text has nothing else.
struct HostSample: Sendable, Equatable {
  var host: String
  /// The version of the agent; `nil` for plain text.
  var agent: String?
  /// Identifies the run of the agent; empty for plain text.
  var run = ""
  /// The number of the sample in its run, from 1 and without gaps; 0 for plain text.
  var sequence: UInt64 = 0
  /// Nanoseconds since the epoch, on the host's clock.
  var time: Int64
  /// Measured seconds since the previous sample, over which the CPU use was measured.
  var interval: Double?
  /// The known measures.
  var numbers = AgentNumbers()
  /// The processes with the most CPU use since the previous sample, in descending order; at most five.
  var processes: [TopProcess] = []

  /// The samples of the run that its agent dropped before they reached a hub.
  var givenUp: UInt64 = 0

  /// The limit of a run tag in bytes.
  static let longestRun = 64
  /// The maximum number of processes in a sample.
  static let mostProcesses = 5
}

extension HostSample {
  /// The busy share of all CPUs, from 0 to 1.
  var busy: Double? {
    get { numbers[.busy] }
    set { numbers[.busy] = newValue }
  }

  /// Seconds since the host's boot.
  var uptime: Double? { numbers[.uptime] }
}

/// One of the processes with the most CPU use.
struct TopProcess: Sendable, Equatable {
  var pid: Int32
  var name: String
  /// The login name, if known.
  var user: String?
  /// The CPU use in CPUs: 1 is one fully busy CPU.
  var cpu: Double
}
