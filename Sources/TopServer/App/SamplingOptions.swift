import ArgumentParser
import Logging

/// The options of every command that samples a machine, as they were typed, and what then holds.
struct SamplingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Seconds between two samples, from 0.1 to 60. (default: 1)", valueName: "seconds"))
  var interval: String?

  @Option(
    help: ArgumentHelp(
      "Where the /proc to watch is mounted, for example /host/proc in a container. (default: /proc)",
      valueName: "folder"))
  var proc: String?

  @Option(
    help: ArgumentHelp(
      "How much to log: trace, debug, info, notice, warning, error or critical. (default: info)",
      valueName: "level"))
  var logLevel: String?
}

extension SamplingOptions {
  // Each is asked for by itself, so that of several that are wrong the one is named that the command asks for first.

  /// - Throws: a ``Failure`` that names the option or the variable and what it accepts.
  func interval(_ environment: [String: String]) throws -> Duration {
    try Setting(option: interval, name: "interval", environment: environment)?.seconds(0.1...60)
      ?? .seconds(1)
  }

  func proc(_ environment: [String: String]) -> String {
    Setting(option: proc, name: "proc", environment: environment)?.text ?? "/proc"
  }

  /// - Throws: a ``Failure`` that names the option or the variable and what it accepts.
  func logLevel(_ environment: [String: String]) throws -> Logger.Level {
    try Setting(option: logLevel, name: "log-level", environment: environment)?.logLevel() ?? .info
  }
}
