import ArgumentParser
import Linux

/// Says which rules a file makes, or where it is wrong.
struct CheckAlertsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check-alerts",
    abstract: "Check a file of alert rules and say what it means; exits with 0 or 1.",
    discussion: """
      Prints each rule that a server with --alerts FILE would have, the defaults included, and the webhook. \
      An error names the file, the line, the column and what is accepted there. \
      Without a file it prints the rules that hold by default.
      """)

  @Argument(help: "The file.")
  var file: String?

  func run() throws {
    let configuration = try AlertFile.read(file)
    for rule in configuration.rules { Console.say("\(rule.name): \(rule)") }
    if configuration.rules.isEmpty { Console.say("no rules: nothing will fire") }
    if let webhook = configuration.webhook { Console.say("webhook: \(webhook)") }
  }
}

extension Webhook: CustomStringConvertible {
  /// No path and no value of a header: either may hold a secret.
  var description: String {
    let origin = url.split(separator: "/", maxSplits: 2).prefix(2).joined(separator: "//")
    let names = headers.map(\.name).joined(separator: ", ")
    return "\(origin)/…, each attempt within \(LogText.duration(timeout))"
      + (names.isEmpty ? "" : ", with \(names)")
  }
}
