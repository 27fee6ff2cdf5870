import ArgumentParser

/// The options of `topserver agent`, as they were typed.
///
/// ``AgentSettings`` says what then holds.
struct AgentOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Where the hub is: ws://HOST:8845/webservices/cpu/, or wss:// behind something that speaks TLS.",
      valueName: "url"))
  var hub: String?

  @Option(
    help: ArgumentHelp(
      "What this host is called at the hub. (default: its host name)", valueName: "name"))
  var name: String?

  @Option(
    help: ArgumentHelp(
      "File with the token that the hub wants; it is read at every connection.", valueName: "file"))
  var tokenFile: String?

  @Option(
    help: ArgumentHelp(
      "PEM file with the certificate authorities to trust for wss://. (default: those of the system)",
      valueName: "file"))
  var caFile: String?

  @OptionGroup var sampling: SamplingOptions
}
