import ArgumentParser
import FoundationEssentials
import Linux
import Logging

/// Samples this host and sends the samples to a hub, until it receives a termination signal.
struct AgentCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "agent",
    abstract: "Sample this host and send one message a second to a hub.",
    discussion: """
      The hub is a topserver serve on another host, which shows this host in /hosts:
        topserver agent --hub ws://hub:8845/webservices/cpu/ --token-file FILE
      While the hub cannot be reached, the agent keeps the samples of the last ten minutes and sends them later.

      Each option can also be set in the environment: --token-file as TOPSERVER_TOKEN_FILE, and so on.
      """)

  @OptionGroup var options: AgentOptions

  /// The time over which the coverage is measured.
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

  /// Reports the mistakes that can be found before the first connection.
  private static func check(_ settings: AgentSettings, _ logger: Logger) throws {
    if let tokenFile = settings.tokenFile {
      _ = try AgentToken.read(tokenFile, option: "--token-file")
    }
    if settings.showsToken {
      logger.notice("the token is sent over the network unencrypted; use wss:// to encrypt it")
    }
  }
}
