import ArgumentParser
import Linux

/// Prints the rules that a file defines, or its first mistake.
struct CheckAlertsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check-alerts",
    abstract:
      "Check a file of alert rules and print its rules. Exits with 0 if it is valid, else with 1.",
    discussion: """
      Prints each rule that a server with --alerts FILE would use, including the default rules, and the webhook. \
      An error names the file, the line, the column and what is accepted there. \
      Without a file it prints the default rules.
      """)

  @Argument(help: "File to check.")
  var file: String?

  func run() throws {
    let configuration = try AlertFile.read(file)
    for rule in configuration.rules { Console.say("\(rule.name): \(rule)") }
    if configuration.rules.isEmpty { Console.say("no rules: no alert can fire") }
    if let webhook = configuration.webhook { Console.say("webhook: \(webhook)") }
  }
}

extension Webhook: CustomStringConvertible {
  /// Omits the path and the values of headers, because they may contain secrets.
  var description: String {
    let origin = url.split(separator: "/", maxSplits: 2).prefix(2).joined(separator: "//")
    let names = headers.map(\.name).joined(separator: ", ")
    return "\(origin)/…, each attempt within \(LogText.duration(timeout))"
      + (names.isEmpty ? "" : ", with \(names)")
  }
}
