import ArgumentParser

/// The options of `topserver report`, as they were typed.
///
/// ``LoadPlan`` says what then holds.
struct ReportOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "What to ask. (default: http://127.0.0.1 with the port of TOPSERVER_PORT, or 8845, and /cpu_usage)"
    ))
  var url: String?

  @Option(help: ArgumentHelp("Clients at the same time, from 1 to 1000. (default: 5)"))
  var clients: String?

  @Option(
    help: ArgumentHelp(
      "How long to ask, for example 90s, 5m or 1h30m; with --compare, each of the two. (default: 5m)",
      valueName: "time"))
  var duration: String?

  @Option(
    help: ArgumentHelp(
      "Ask for this path instead of that of the URL; given several times, the paths take turns.",
      valueName: "path"))
  var path: [String] = []

  @Option(
    help: ArgumentHelp(
      "Send so many requests a second, whether or not the answers keep up. (default: each client sends when it has its answer)",
      valueName: "per-second"))
  var rate: String?

  @Option(
    help: ArgumentHelp("A second server, which is asked by turns with the first.", valueName: "url")
  )
  var compare: String?

  @Option(help: ArgumentHelp("The page to write. (default: report.html)", valueName: "file"))
  var output: String?

  @Option(help: ArgumentHelp("Also write every figure as JSON.", valueName: "file"))
  var json: String?

  @Option(
    help: ArgumentHelp(
      "How long one request may take, from 0.1s to 10m. (default: 10s)", valueName: "time"))
  var timeout: String?

  @Flag(help: "Allow a target that is not this machine's loopback address.")
  var allowRemote = false
}
