import ArgumentParser

/// The options of `topserver agent`, as typed.
///
/// ``AgentSettings`` validates them and adds the environment and the defaults.
struct AgentOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "URL of the hub: ws://HOST:8845/webservices/cpu/, or wss://… for a hub behind a TLS proxy.",
      valueName: "url"))
  var hub: String?

  @Option(
    help: ArgumentHelp(
      "Name of this host at the hub. (default: its host name)", valueName: "name"))
  var name: String?

  @Option(
    help: ArgumentHelp(
      "File with the token that the hub requires; read again for every connection.",
      valueName: "file"))
  var tokenFile: String?

  @Option(
    help: ArgumentHelp(
      "PEM file with the certificate authorities to trust for wss://. (default: those of the system)",
      valueName: "file"))
  var caFile: String?

  @OptionGroup var sampling: SamplingOptions
}
