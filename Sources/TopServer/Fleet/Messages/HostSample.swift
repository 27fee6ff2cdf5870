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
  /// Seconds since the sample before, as measured: what the use of the CPUs is about.
  var interval: Double?
  /// The measures that are known of it.
  var numbers = AgentNumbers()
  /// Those that used most CPU since the sample before, the hottest first; five at most.
  var processes: [TopProcess] = []

  /// Samples of the run that its agent gave up before they reached a hub.
  var givenUp: UInt64 = 0

  /// Bytes of a run.
  static let longestRun = 64
  /// Processes that a sample has at most.
  static let mostProcesses = 5
}

extension HostSample {
  /// Busy share of all CPUs, from 0 to 1.
  var busy: Double? {
    get { numbers[.busy] }
    set { numbers[.busy] = newValue }
  }

  /// Seconds since the host was booted.
  var uptime: Double? { numbers[.uptime] }
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
