/// All that a report tells, before it is put into words.
struct LoadReport: Sendable {
  var plan: LoadPlan
  /// One target, or two that took turns.
  var outcomes: [LoadSession.Outcome]
  /// The signal that ended the run before its time.
  var signal: String?
  /// When the load began, in nanoseconds since the epoch.
  var started: Int64
  /// The command that made it, word by word as a shell takes them.
  var command: [String]
  var machine: MachineFacts
  /// libcurl's name and version and those of the libraries that it uses.
  var curlVersion: String

  /// Requests without an answer, and answers that say that something went wrong.
  var errors: Int { outcomes.reduce(0) { $0 + $1.tally.failed + $1.tally.refused } }

  /// Whether there are two targets to compare.
  var takesTurns: Bool { outcomes.count > 1 }

  /// Whether clients and servers shared the machine, so that each slowed the other down.
  var isLocal: Bool { plan.targets.allSatisfy(\.isLoopback) }
}
