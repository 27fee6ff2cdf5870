import Linux

/// Looks at the fleet once a second: who is silent, what alerts follow, and what there is to show.
///
/// It has a thread of its own, since thousands of hosts are much to write down when somebody asks for them.
actor FleetKeeper: OwnThreadActor {
  /// What one look came to.
  struct Look: Sendable {
    var scene: FleetScene
    var steps: [FleetStep]
    var transitions: [AlertTransition]
  }

  nonisolated let executor = SerialQueueExecutor(label: "fleet")
  /// One element for each change of who belongs to the fleet, or for several.
  nonisolated let changes: AsyncStream<Void>

  private let hub: Hub
  private let alerts: AlertKeeper
  private let hostName: String
  private let changed: AsyncStream<Void>.Continuation
  private var scene: FleetScene

  /// - Parameter hostName: What this machine is called.
  init(hub: Hub, alerts: AlertKeeper, hostName: String, first scene: FleetScene) {
    self.hub = hub
    self.alerts = alerts
    self.hostName = hostName
    self.scene = scene
    (changes, changed) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  /// Looks each second until it is cancelled.
  ///
  /// - Parameter publish: Takes each look, on this thread.
  func run<C: Clock>(clock: C, publish: @Sendable (Look) -> Void) async throws
  where C.Duration == Duration {
    defer { changed.finish() }
    let schedule = TickSchedule(start: clock.now, interval: .seconds(1))
    while true {
      try await clock.sleep(until: schedule.next(after: clock.now), tolerance: .zero)
      publish(look(at: .now()))
    }
  }

  func look(at now: Instant) -> Look {
    let (steps, hosts) = hub.tick(at: now)
    let transitions = alerts.take(hosts, at: now)
    scene = FleetScene(
      sequence: scene.sequence + 1, time: now, hosts: hosts,
      alerts: alerts.latest.value.firing(onThisMachine: hostName), after: scene)
    if steps.contains(where: { $0.kind.isAboutMembers }) { changed.yield() }
    return Look(scene: scene, steps: steps, transitions: transitions)
  }
}

extension FleetStep.Kind {
  /// Whether it changes who belongs to the fleet, or when somebody was last seen.
  fileprivate var isAboutMembers: Bool {
    switch self {
    case .connected, .disconnected, .forgotten: true
    case .live, .stale, .lost: false
    }
  }
}
