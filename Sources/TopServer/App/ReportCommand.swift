import ArgumentParser
import Curl
import FoundationEssentials
import Linux

/// Measures what a running server can do, and writes a page about it.
struct ReportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Put load on a running server and write a page about how it did.",
    discussion: """
      Five clients ask for five minutes unless told otherwise. Ctrl-C ends it early, with a report of what was measured. \
      Exits with 1 when a request failed.
      """)

  @OptionGroup var options: ReportOptions

  func run() async throws {
    let plan = try LoadPlan(options, environment: ProcessInfo.processInfo.environment)
    let page = try Self.draft(plan.output)
    let json = try plan.json.map(Self.draft)
    Host.raiseDescriptorLimit()
    let session = LoadSession(plan: plan)
    try await session.check()

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
      throw Failure("\(Wording.count(errors, "request")) went wrong; \(plan.output) says how")
    }
  }

  /// Tells before any load whether there will be a place for the result.
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
