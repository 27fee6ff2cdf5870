/// The content of a report, before it is formatted.
struct LoadReport: Sendable {
  var plan: LoadPlan
  /// One target, or two that were queried alternately.
  var outcomes: [LoadSession.Outcome]
  /// The signal that ended the run early.
  var signal: String?
  /// The start of the load, in nanoseconds since the epoch.
  var started: Int64
  /// The command that made the report, one shell word per element.
  var command: [String]
  var machine: MachineFacts
  /// The name and version of libcurl and its libraries.
  var curlVersion: String

  /// The number of requests without an answer and of answers with an error status.
  var errors: Int { outcomes.reduce(0) { $0 + $1.tally.failed + $1.tally.refused } }

  /// Whether two targets are compared.
  var takesTurns: Bool { outcomes.count > 1 }

  /// Whether clients and servers ran on the same machine and so slowed each other down.
  var isLocal: Bool { plan.targets.allSatisfy(\.isLoopback) }
}
