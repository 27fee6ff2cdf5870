import Linux
import Logging
import WebSocket

/// Sends samples of this machine to a hub.
struct SendingService: Sendable {
  private let agent: Agent
  private let run: RunIdentity
  private let userNames: UserNames
  private let connect: @Sendable () throws(HubTrouble) -> any AgentConnection

  /// - Parameters:
  ///   - run: Its host name is this machine's name at the hub.
  ///   - connect: Connects to the hub. It may block.
  init(
    _ run: RunIdentity, names userNames: UserNames, logger: Logger,
    connect: @escaping @Sendable () throws(HubTrouble) -> any AgentConnection
  ) {
    agent = Agent(logger: logger)
    self.run = run
    self.userNames = userNames
    self.connect = connect
  }

  /// Queues a snapshot.
  ///
  /// Never blocks.
  func send(_ snapshot: Snapshot) {
    agent.enqueue(HostSample(snapshot, run, userNames), taken: snapshot.time.sinceBoot)
  }

  /// Connects and sends until ``leave(_:within:)`` is called.
  func run(clock: some Clock<Duration>) async {
    await agent.run(clock: clock, random: { .random(in: 0...1) }) { () throws(HubTrouble) in
      // A handshake also uses memory that is not needed afterwards.
      defer { StartMemory.giveBack() }
      return try connect()
    }
  }

  /// Closes the connection to the hub and ends a run.
  ///
  /// A hub that does not answer the close frame delays this by at most `limit`, as does a connection that is still
  /// being made.
  func leave(_ run: Task<Void, Never>, within limit: Duration = .seconds(2)) async {
    agent.stop()
    run.cancel()
    _ = await run.ends(within: limit)
  }
}
