import ArgumentParser
import FoundationEssentials
import Linux
import Logging

/// Samples this host and sends what it sees to a hub, until it is told to stop.
struct AgentCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "agent",
    abstract: "Sample this host and send one message a second to a hub.",
    discussion: """
      The hub is a topserver serve on another host, which shows this one in /hosts:
        topserver agent --hub ws://hub:8845/webservices/cpu/ --token-file /etc/topserver/token
      While the hub is away, the last ten minutes are kept and sent late.

      Each option can also be set in the environment: --token-file as TOPSERVER_TOKEN_FILE, and so on.
      """)

  @OptionGroup var options: AgentOptions

  /// What the coverage is measured over.
  private static let window = Duration.seconds(60)

  func run() async throws {
    let settings = try AgentSettings(
      options, environment: ProcessInfo.processInfo.environment, hostName: Machine.name)
    let logger = ProgramLog.logger(settings.logLevel)
    Heap.keepSmall()
    try Self.check(settings, logger)

    let procfs = try SamplingService.open(settings.proc)
    let run = RunIdentity(procfs, hostName: settings.name)
    let sampling = SamplingService(
      procfs, interval: settings.interval, window: max(Self.window, settings.interval),
      logger: logger)
    let sending = SendingService(run, names: sampling.userNames, logger: logger) {
      () throws(HubTrouble) in
      try HubConnection(
        to: settings.hub, tokenFile: settings.tokenFile, caFile: settings.caFile)
    }
    sending.send(try await sampling.firstSnapshot())

    TerminationSignals.handle()
    Console.say("Sending samples of \(settings.name) to \(settings.hub)")
    let clock = SuspendingClock()
    let sampled = Task { await sampling.run(clock: clock, publish: sending.send) }
    let sent = Task { await sending.run(clock: clock) }
    let tidied = Task { try await StartMemory.giveBackOnceMore(clock: clock) }
    let signal = await TerminationSignals.next()
    logger.info("\(signal): leaving the hub")
    sampled.cancel()
    tidied.cancel()
    await sending.leave(sent)
    logger.info("stopped")
  }

  /// What can be known to be wrong before the first connection.
  private static func check(_ settings: AgentSettings, _ logger: Logger) throws {
    if let tokenFile = settings.tokenFile {
      _ = try AgentToken.read(tokenFile, option: "--token-file")
    }
    if settings.showsToken {
      logger.notice("the token goes over the network as it is; wss:// would hide it")
    }
  }
}
