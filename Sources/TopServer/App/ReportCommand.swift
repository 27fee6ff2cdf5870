import ArgumentParser
import Curl
import FoundationEssentials
import Linux

/// Measures the performance of a running server and writes a page with the results.
struct ReportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Put load on a running server and write a page with the results.",
    discussion: """
      By default, five clients send requests for five minutes. Ctrl-C ends it early and still writes the report. \
      Exits with 1 if a request failed.
      """)

  @OptionGroup var options: ReportOptions

  func run() async throws {
    let plan = try LoadPlan(options, environment: ProcessInfo.processInfo.environment)
    // Only check that the files can be written: until the program handles signals, one would leave the drafts behind.
    _ = try Self.draft(plan.output)
    _ = try plan.json.map(Self.draft)
    Machine.raiseDescriptorLimit()
    let session = LoadSession(plan: plan)
    try await session.check()
    TerminationSignals.handle()
    let page = try Self.draft(plan.output)
    let json = try plan.json.map(Self.draft)

    let (machine, started) = (MachineFacts.read(), Instant.now().wall)
    let (outcomes, signal) = try await session.measure()
    guard signal == nil || outcomes.contains(where: { $0.tally.answers + $0.tally.failed > 0 })
    else { throw Failure("ended by \(signal ?? "") before the first request: nothing to report") }
    let report = LoadReport(
      plan: plan, outcomes: outcomes, signal: signal, started: started,
      command: CommandText.words(CommandLine.arguments), machine: machine,
      curlVersion: CurlHandle.libraryVersion ?? "")

    try Self.publish(ReportPage.make(report).text, in: page)
    if let json { try Self.publish(ReportJSON.make(report), in: json) }
    for line in ReportSummary.lines(of: report) { Console.say(line) }
    let errors = report.errors
    if errors > 0 {
      throw Failure("\(Wording.count(errors, "request")) failed; see \(plan.output)")
    }
  }

  /// Checks before any load that the result can be written.
  private static func draft(_ path: String) throws -> FileDraft {
    do {
      return try FileDraft(for: path)
    } catch {
      throw Failure("cannot write the report: \(error)")
    }
  }

  private static func publish(_ text: String, in draft: FileDraft) throws {
    do {
      try draft.publish(Array(text.utf8))
    } catch {
      throw Failure("cannot write the report: \(error)")
    }
  }
}

/// Formats a command so that it can be typed again.
enum CommandText {
  /// The name of the program without its folder, and its arguments quoted for a shell.
  static func words(_ arguments: [String]) -> [String] {
    let program = arguments.first?.split(separator: "/").last.map(String.init) ?? "topserver"
    return ([program] + arguments.dropFirst()).map(quoted)
  }

  /// See sh(1), "Quoting".
  private static func quoted(_ argument: String) -> String {
    let isPlain = argument.utf8.allSatisfy {
      switch $0 {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
      default: "-_./:=,@%+".utf8.contains($0)
      }
    }
    if isPlain, !argument.isEmpty { return argument }
    return "'\(argument.replacing("'", with: "'\\''"))'"
  }
}
