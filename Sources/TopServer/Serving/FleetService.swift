import Linux
import Logging
import MicroHTTPD
import WebSocket

/// The fleet: this machine, and every host whose agent sends samples.
///
/// Hosts that do not come back are missed, also by the next run.
struct FleetService: Sendable {
  let hub: Hub
  let sockets: HubSockets
  let desk: AnswerDesk<FleetEncoder>
  let status = Latest(FleetStatus())
  /// The fleet as it was before the first look.
  let firstScene: FleetScene
  /// `nil` when there is no folder to keep anything in.
  let store: FleetStore?
  private let keeper: FleetKeeper
  private let run: RunIdentity
  private let userNames: UserNames

  /// - Parameters:
  ///   - first: Of this machine.
  ///   - mostAgents: Connections that agents may have in all.
  /// - Throws: When there is no thread left for the sockets.
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

  /// Takes this machine into the fleet.
  func join(_ snapshot: Snapshot) {
    hub.join(HostSample(snapshot, run, userNames), at: snapshot.time)
  }

  /// Looks at the fleet, shows it and remembers it until it is cancelled; the newest state is written at the end.
  ///
  /// - Parameter follow: Takes each look, and must not wait.
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

  /// Says goodbye to the agents and waits for the ends of their connections, two seconds at most.
  func drain() async { await sockets.drain(within: .seconds(2)) }
}

extension HostSample {
  /// What a snapshot says of this machine.
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
