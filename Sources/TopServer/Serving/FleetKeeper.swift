import Linux
import Logging

/// Checks the fleet once a second: finds silent hosts, evaluates their alerts and publishes the scene.
///
/// It has its own thread, because encoding thousands of hosts takes long.
actor FleetKeeper: OwnThreadActor {
  /// The result of one check.
  struct Look: Sendable {
    var scene: FleetScene
    var steps: [FleetStep]
    var transitions: [AlertTransition]
  }

  nonisolated let executor = SerialQueueExecutor(label: "fleet")
  /// Yields an element after each change that the next run must know; several changes may share one.
  nonisolated let changes: AsyncStream<Void>

  private let hub: Hub
  private let alerts: AlertKeeper
  private let hostName: String
  private let logger: Logger
  private let changed: AsyncStream<Void>.Continuation
  private var scene: FleetScene
  /// When ``changes`` last yielded an element, in nanoseconds since boot.
  private var quietChange: Int64
  /// When the newest sample of any host with an agent arrived, in nanoseconds since boot.
  private var newest = Int64.min

  /// Nanoseconds between two writes while no sample arrives.
  ///
  /// The writes let the length of a silence survive a restart.
  private static let quietPause: Int64 = 600_000_000_000

  /// - Parameter hostName: This machine's name.
  init(hub: Hub, alerts: AlertKeeper, hostName: String, first scene: FleetScene, logger: Logger) {
    self.hub = hub
    self.alerts = alerts
    self.hostName = hostName
    self.scene = scene
    self.logger = logger
    quietChange = scene.time.sinceBoot
    (changes, changed) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  /// Checks the fleet once a second until it is cancelled.
  ///
  /// - Parameter publish: Receives the result of each check, on this thread.
  func run<C: Clock>(clock: C, publish: @Sendable (Look) -> Void) async throws
  where C.Duration == Duration {
    defer { changed.finish() }
    let schedule = TickSchedule(start: clock.now, interval: .seconds(1))
    while true {
      try await clock.sleep(until: schedule.next(after: clock.now), tolerance: .zero)
      publish(look(at: .now()))
    }
  }

  /// Checks the fleet once.
  func look(at now: Instant) -> Look {
    let (steps, hosts) = hub.tick(at: now)
    let transitions = alerts.evaluate(hosts, at: now)
    scene = FleetScene(
      sequence: scene.sequence + 1, time: now, hosts: hosts,
      alerts: alerts.latest.value.firing(onThisMachine: hostName))
    if isWorthKeeping(steps, hosts, at: now) { changed.yield() }
    // Logged here, because this thread may block on the log.
    for line in hub.takeRefusalLines(at: now) { logger.notice("\(line)") }
    return Look(scene: scene, steps: steps, transitions: transitions)
  }

  /// Whether the next run must know of a change: a host has joined or left, or a sample has arrived.
  private func isWorthKeeping(_ steps: [FleetStep], _ hosts: [FleetHost], at now: Instant) -> Bool {
    let heard = hosts.lazy.filter { $0.kind != .local && $0.isConfirmed }.map(\.latestMoment).max()
    let isNews = heard.map { $0 > newest } ?? false
    newest = max(newest, heard ?? newest)
    let isDue = heard != nil && now.sinceBoot - quietChange >= Self.quietPause
    guard isNews || isDue || steps.contains(where: { $0.kind.isAboutMembers }) else {
      return false
    }
    quietChange = now.sinceBoot
    return true
  }
}

extension FleetStep.Kind {
  /// Whether a host joins or leaves the fleet with this step.
  fileprivate var isAboutMembers: Bool {
    switch self {
    case .connected, .disconnected, .forgotten: true
    case .live, .stale, .lost: false
    }
  }
}
