import ArgumentParser

/// The options of `topserver serve`, as typed.
///
/// ``Settings`` validates them and adds the environment and the defaults.
struct ServeOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Address to listen on: 0.0.0.0 for every IPv4 address, :: for every address. (default: 127.0.0.1)",
      valueName: "address"))
  var host: String?

  @Option(help: ArgumentHelp("Port to listen on; 0 selects a free port. (default: 8845)"))
  var port: String?

  @OptionGroup var sampling: SamplingOptions

  @Option(
    help: ArgumentHelp(
      "Seconds that the averages cover, from the interval to 3600. (default: 60)",
      valueName: "seconds"))
  var window: String?

  @Option(
    defaultAsFlag: "scrubbed",
    help: ArgumentHelp(
      "Show the command lines of processes: scrubbed (without passwords and the like), full, or off. (default: off; without a value: scrubbed)",
      valueName: "how"))
  var commandLines: String? = nil

  @Option(
    help: ArgumentHelp(
      "Folder with the files of the page. (default: the installed folder)", valueName: "folder"))
  var `static`: String?

  @Option(
    help: ArgumentHelp(
      "YAML file with alert rules; topserver check-alerts checks it and prints its rules. (default: three rules: CPU above 75 %, load above the number of CPUs, and a host that is silent for 30 s)",
      valueName: "file"))
  var alerts: String?

  @Option(
    help: ArgumentHelp(
      "File with the token that agents must send; required for agents when other machines can reach the server.",
      valueName: "file"))
  var agentTokenFile: String?

  @Option(
    help: ArgumentHelp(
      "Host name to accept in requests, * for every name; may be given several times. IP addresses, localhost and this machine's name are always accepted.",
      valueName: "name"))
  var allowedHost: [String] = []

  @Option(
    help: ArgumentHelp(
      "Maximum number of connections in total. Agents may use three quarters of them, event streams an eighth. (default: 16384)",
      valueName: "number"))
  var connections: String?

  @Option(
    help: ArgumentHelp(
      "Maximum number of connections per address (IPv6: per /64), of agents and browsers together. Raise it if many clients share a gateway. (default: 2048)",
      valueName: "number"))
  var connectionsPerAddress: String?

  @Option(
    help: ArgumentHelp(
      "Folder for the history; created if it does not exist. (default: $STATE_DIRECTORY, else $XDG_STATE_HOME/topserver, else ~/.local/state/topserver)",
      valueName: "folder"))
  var data: String?

  @Option(
    help: ArgumentHelp(
      "Maximum size of the history in bytes, at least 4MiB; beyond that, the oldest data is deleted. (default: 256MiB)",
      valueName: "bytes"))
  var historyLimit: String?

  @Flag(
    help: "Start with the recorder off; /start or the page turns it on.")
  var noRecord = false

  /// Hidden; tests lower it.
  @Option(help: .hidden)
  var flushInterval: String?

  /// Hidden; tests lower it.
  @Option(help: .hidden)
  var headerTimeout: String?
}
