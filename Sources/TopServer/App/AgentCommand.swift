import ArgumentParser
import FoundationEssentials
import Linux
import Logging
import ProcFS
import WebSocket

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
    let logger = ServeCommand.makeLogger(settings.logLevel)
    Heap.keepSmall()
    try Self.check(settings, logger)

    let procfs = try ServeCommand.open(settings.proc)
    let run = RunIdentity(
      hostName: settings.name, bootID: procfs.bootID() ?? "", started: Instant.now().sinceBoot)
    let sampler = Sampler(
      source: ProcSampleSource(procfs, interval: settings.interval),
      window: Window(
        length: max(Self.window, settings.interval), interval: settings.interval,
        ticksPerSecond: Machine.ticksPerSecond, pageSize: Machine.pageSize),
      logger: logger)
    let userNames = UserNames()
    let agent = Agent(logger: logger)
    @Sendable func give(_ snapshot: Snapshot) {
      agent.enqueue(
        HostSample(
          snapshot, host: settings.name, run: run.tag, sequence: snapshot.sequence,
          userName: userNames.text),
        taken: snapshot.time.sinceBoot)
    }
    give(try await ServeCommand.firstSnapshot(of: sampler))

    Console.say("Sending samples of \(settings.name) to \(settings.hub)")
    let clock = SuspendingClock()
    let sampling = Task {
      try await sampler.run(every: settings.interval, clock: clock, publish: give)
    }
    let sending = Task {
      await agent.run(clock: clock, random: { .random(in: 0...1) }) { () throws(HubTrouble) in
        // A handshake, too, takes memory that is not needed again.
        defer { StartMemory.giveBack() }
        return try HubConnection(
          to: settings.hub, tokenFile: settings.tokenFile, caFile: settings.caFile)
      }
    }
    let watching = Task { try await userNames.watch(clock: clock) }
    let tidying = Task { try await StartMemory.giveBackOnceMore(clock: clock) }
    let signal = await TerminationSignals.next()
    logger.info("\(signal): leaving the hub")
    sampling.cancel()
    tidying.cancel()
    watching.cancel()
    agent.stop()
    sending.cancel()
    // A hub that does not answer the goodbye, or a connection that is just being made, holds nobody up.
    _ = await sending.ends(within: .seconds(2))
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
