import Linux
import Logging
import MicroHTTPD
import WebSocket

/// The fleet: this machine, and every host whose agent sends samples.
///
/// It saves the known hosts, so that the next run also notices a host that stays away.
struct FleetService: Sendable {
  let hub: Hub
  let sockets: HubSockets
  let desk: AnswerDesk<FleetEncoder>
  let status = Latest(FleetStatus())
  /// The fleet before the first check.
  let firstScene: FleetScene
  /// `nil` if the server has no data folder.
  let store: FleetStore?
  private let keeper: FleetKeeper
  private let run: RunIdentity
  private let userNames: UserNames

  /// - Parameters:
  ///   - first: The first snapshot of this machine.
  ///   - mostAgents: The maximum number of connections that all agents together may have.
  /// - Throws: If no thread can be started for the sockets.
  init(
    _ settings: Settings, _ run: RunIdentity, _ first: Snapshot, names userNames: UserNames,
    recorder: any FleetRecorder, alerts: AlertKeeper, pool: AnswerPool, mostAgents: Int,
    logger: Logger
  ) async throws {
    self.run = run
    self.userNames = userNames
    store = settings.dataFolder.map { FleetStore(folder: $0, logger: logger) }
    hub = Hub(
      known: await store?.load() ?? [],
      limits: FleetLimits(connectionsPerAddress: settings.connectionsPerAddress),
      recorder: recorder, at: .now())
    hub.join(HostSample(first, run, userNames), at: first.time)
    firstScene = FleetScene(sequence: 0, time: first.time, hosts: hub.tick(at: first.time).hosts)
    desk = AnswerDesk(
      FleetPicture(firstScene), FleetEncoder(run: run), pool: pool, interval: .seconds(1))
    sockets = try HubSockets(
      hub, limits: .init(settings, mostAgents: mostAgents), logger: logger)
    keeper = FleetKeeper(
      hub: hub, alerts: alerts, hostName: run.hostName, first: firstScene, logger: logger)
  }

  /// Updates this machine's host in the fleet.
  func join(_ snapshot: Snapshot) {
    hub.join(HostSample(snapshot, run, userNames), at: snapshot.time)
  }

  /// Checks, publishes and saves the fleet until it is cancelled.
  ///
  /// On cancellation it saves the newest state.
  ///
  /// - Parameter follow: Receives the result of each check. It must not block.
  func run(
    clock: some Clock<Duration>, follow: @escaping @Sendable (FleetKeeper.Look) -> Void
  ) async {
    await SideBySide.run([
      {
        try await keeper.run(clock: clock) { look in
          show(look)
          follow(look)
        }
      },
      {
        await store?.run(after: keeper.changes, pause: .seconds(10), clock: clock) {
          hub.known(at: .now())
        }
      },
    ])
  }

  private func show(_ look: FleetKeeper.Look) {
    desk.publish(FleetPicture(look.scene, after: desk.source))
    status.publish(FleetStatus(look.scene, hub.counts, closures: sockets.statistics.closures))
  }

  /// Starts the close handshake with every agent and waits at most two seconds for the connections to close.
  func drain() async { await sockets.drain(within: .seconds(2)) }
}

extension HostSample {
  /// The sample of this machine that a snapshot contains.
  init(_ snapshot: Snapshot, _ run: RunIdentity, _ userNames: UserNames) {
    self.init(
      snapshot, host: run.hostName, run: run.tag, sequence: snapshot.sequence,
      userName: userNames.text)
  }
}

extension WebSocketLimits {
  init(_ settings: Settings, mostAgents: Int) {
    self.init()
    connections = mostAgents
    connectionsPerAddress = settings.connectionsPerAddress
  }
}
