import ArgumentParser
import Logging

/// The options of every command that samples a machine: as typed, and validated.
struct SamplingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Seconds between two samples, from 0.1 to 60. (default: 1)", valueName: "seconds"))
  var interval: String?

  @Option(
    help: ArgumentHelp(
      "The /proc to watch, for example /host/proc in a container. (default: /proc)",
      valueName: "folder"))
  var proc: String?

  @Option(
    help: ArgumentHelp(
      "Lowest level to log: trace, debug, info, notice, warning, error or critical. (default: info)",
      valueName: "level"))
  var logLevel: String?
}

extension SamplingOptions {
  // One function per option, so that each command decides which of several mistakes it reports first.

  /// - Throws: A ``Failure`` that names the option or the variable and what it accepts.
  func interval(_ environment: [String: String]) throws -> Duration {
    try Setting(option: interval, name: "interval", environment: environment)?.seconds(0.1...60)
      ?? .seconds(1)
  }

  func proc(_ environment: [String: String]) -> String {
    Setting(option: proc, name: "proc", environment: environment)?.text ?? "/proc"
  }

  /// - Throws: A ``Failure`` that names the option or the variable and what it accepts.
  func logLevel(_ environment: [String: String]) throws -> Logger.Level {
    try Setting(option: logLevel, name: "log-level", environment: environment)?.logLevel() ?? .info
  }
}
