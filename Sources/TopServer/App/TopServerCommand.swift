import ArgumentParser
import Linux

/// The program: its subcommands, and how it ends.
@main
struct TopServerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "topserver",
    abstract: "What is using the CPU, now and over the last minute.",
    discussion: """
      Samples every process each second and serves the averages of the last 60 seconds:
        curl http://127.0.0.1:8845/cpu_usage     JSON for scripts
        http://127.0.0.1:8845/stats              a live page for a browser
      """,
    version: Version.text,
    subcommands: [ServeCommand.self, HealthCommand.self],
    defaultSubcommand: ServeCommand.self)

  static func main() async {
    // Before any thread is started: they all inherit it.
    TerminationSignals.block()
    do {
      var command = try parseAsRoot()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch {
      end(with: error)
    }
  }

  /// One line on standard error and a status that is not 0; or the help that was asked for.
  private static func end(with error: any Error) -> Never {
    switch error {
    case let failure as Failure:
      Console.complain("topserver: \(failure)")
      exit(withError: ExitCode(failure.status))
    case let code as ExitCode:
      exit(withError: code)
    default:
      guard exitCode(for: error) != .success else { exit(withError: error) }
      let lines = message(for: error).split(whereSeparator: \.isNewline)
      Console.complain("topserver: \(lines.joined(separator: " ")) (see topserver --help)")
      exit(withError: ExitCode(exitCode(for: error).rawValue))
    }
  }
}
