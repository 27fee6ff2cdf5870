import ArgumentParser

/// The options of `topserver serve`, as they were typed.
///
/// ``Settings`` says what then holds.
struct ServeOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Address to listen on. 0.0.0.0 is every IPv4 address, :: every address. (default: 127.0.0.1)",
      valueName: "address"))
  var host: String?

  @Option(help: ArgumentHelp("Port to listen on; 0 picks a free one. (default: 8845)"))
  var port: String?

  @OptionGroup var sampling: SamplingOptions

  @Option(
    help: ArgumentHelp(
      "Seconds that the averages cover, from the interval to 3600. (default: 60)",
      valueName: "seconds"))
  var window: String?

  @Option(
    help: ArgumentHelp(
      "Folder of the page's files. (default: where they were installed)", valueName: "folder"))
  var `static`: String?

  @Option(
    help: ArgumentHelp(
      "YAML file with the rules of alerts; topserver check-alerts says what it means. (default: CPU above 75 %, load above the number of CPUs)",
      valueName: "file"))
  var alerts: String?

  @Option(
    help: ArgumentHelp(
      "File with the token that agents must send; required for agents when other machines can reach the server.",
      valueName: "file"))
  var agentTokenFile: String?

  @Option(
    help: ArgumentHelp(
      "Another host name to answer for; may be given several times. Addresses, localhost and this machine's name are always answered, * stands for every name.",
      valueName: "name"))
  var allowedHost: [String] = []

  @Option(
    help: ArgumentHelp(
      "Connections in all. Agents take at most three quarters of them, event streams at most an eighth. (default: 16384)",
      valueName: "number"))
  var connections: String?

  @Option(
    help: ArgumentHelp(
      "Connections that one address (IPv6: one /64) may have, agents and browsers together; more are needed where many come through one gateway. (default: 2048)",
      valueName: "number"))
  var connectionsPerAddress: String?

  @Option(
    help: ArgumentHelp(
      "Folder in which the history is kept; it is made when it is not there. (default: $STATE_DIRECTORY, else $XDG_STATE_HOME/topserver, else ~/.local/state/topserver)",
      valueName: "folder"))
  var data: String?

  @Option(
    help: ArgumentHelp(
      "Bytes that the history may take, from 4MiB; the oldest makes room. (default: 256MiB)",
      valueName: "bytes"))
  var historyLimit: String?

  @Flag(
    help: "Start with the recorder switched off; /start and the page switch it on.")
  var noRecord = false

  /// Lowered by tests.
  @Option(help: .hidden)
  var flushInterval: String?

  /// Lowered by tests.
  @Option(help: .hidden)
  var headerTimeout: String?
}
