import ArgumentParser

/// The options of `topserver report`, as typed.
///
/// ``LoadPlan`` validates them and adds the defaults.
struct ReportOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "URL to query. (default: http://127.0.0.1 with the port of TOPSERVER_PORT, or 8845, and /cpu_usage)"
    ))
  var url: String?

  @Option(help: ArgumentHelp("Number of concurrent clients, from 1 to 1000. (default: 5)"))
  var clients: String?

  @Option(
    help: ArgumentHelp(
      "How long to send requests, for example 90s, 5m or 1h30m; with --compare, to each server. (default: 5m)",
      valueName: "time"))
  var duration: String?

  @Option(
    help: ArgumentHelp(
      "Path to request instead of that of the URL; if given several times, the paths alternate.",
      valueName: "path"))
  var path: [String] = []

  @Option(
    help: ArgumentHelp(
      "Requests per second, sent whether or not the answers keep up. (default: each client sends a request when it has the last answer)",
      valueName: "per-second"))
  var rate: String?

  @Option(
    help: ArgumentHelp(
      "URL of a second server, queried alternately with the first.", valueName: "url"))
  var compare: String?

  @Option(help: ArgumentHelp("Page to write. (default: report.html)", valueName: "file"))
  var output: String?

  @Option(help: ArgumentHelp("File for the figures as JSON. (default: none)", valueName: "file"))
  var json: String?

  @Option(
    help: ArgumentHelp(
      "Time limit for one request, from 0.1s to 10m. (default: 10s)", valueName: "time"))
  var timeout: String?

  @Flag(help: "Allow a target that is not this machine's loopback address.")
  var allowRemote = false
}
