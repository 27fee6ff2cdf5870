import ArgumentParser
import Linux

/// The program: its subcommands and its exit status.
@main
struct TopServerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "topserver",
    abstract: "Show what uses the CPU, now and over the last minute.",
    discussion: """
      Samples every process each second and serves the averages of the last 60 seconds:
        curl http://127.0.0.1:8845/cpu_usage     JSON for scripts
        http://127.0.0.1:8845/stats              a live page for a browser
      """,
    version: Version.text,
    subcommands: [
      ServeCommand.self, AgentCommand.self, HealthCommand.self, HistoryCommand.self,
      CheckAlertsCommand.self,
      ReportCommand.self, BurnCommand.self,
    ],
    defaultSubcommand: ServeCommand.self)

  static func main() {
    MainThread.run {
      defer { ProgramLog.flush() }
      do {
        var command = try parseAsRoot()
        if var command = command as? any AsyncParsableCommand {
          try await command.run()
        } else {
          try command.run()
        }
        return 0
      } catch {
        return report(error)
      }
    }
  }

  /// Prints one line on standard error, or the requested help on standard output.
  ///
  /// - Returns: The status to exit with.
  private static func report(_ error: any Error) -> Int32 {
    if error is ReaderLeft { return ReaderLeft.status }
    if let failure = error as? Failure {
      Console.complain("topserver: \(failure)")
      return failure.status
    }
    let status = exitCode(for: error)
    guard !status.isSuccess else {
      Console.say(fullMessage(for: error))
      return 0
    }
    let lines = message(for: error).split(whereSeparator: \.isNewline)
    Console.complain("topserver: \(lines.joined(separator: " ")) (see topserver --help)")
    return status.rawValue
  }
}
