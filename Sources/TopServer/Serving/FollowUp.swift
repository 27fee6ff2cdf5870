import Linux

/// Does what follows from each snapshot and each look at the fleet: alerts, this machine's place in the fleet, events, and
/// messages for the webhook.
///
/// It has a thread of its own, so that the sampler only samples and publishes.
actor FollowUp: OwnThreadActor {
  enum Item: Sendable {
    case snapshot(PreparedAnswers<AnswerEncoder>)
    case look(FleetKeeper.Look)
  }

  /// Items that wait; when the thread falls behind further, the oldest are left out.
  static let mostWaiting = 32

  nonisolated let executor = SerialQueueExecutor(label: "follow-up")
  private let alerts: AlertKeeper
  private let events: EventFeed
  private let join: @Sendable (Snapshot) -> Void
  private let tell: @Sendable (AlertTransition, Instant) -> Void
  private nonisolated let items: AsyncStream<Item>
  private nonisolated let waiting: AsyncStream<Item>.Continuation
  /// The scene that the readers of events know.
  private var scene: FleetScene

  /// - Parameters:
  ///   - join: Takes this machine into the fleet.
  ///   - tell: Queues a message for the webhook.
  init(
    alerts: AlertKeeper, events: EventFeed, first scene: FleetScene,
    join: @escaping @Sendable (Snapshot) -> Void,
    tell: @escaping @Sendable (AlertTransition, Instant) -> Void
  ) {
    self.alerts = alerts
    self.events = events
    self.scene = scene
    self.join = join
    self.tell = tell
    (items, waiting) = AsyncStream.makeStream(
      bufferingPolicy: .bufferingNewest(Self.mostWaiting))
  }

  /// Queues an item; waits for nothing.
  nonisolated func add(_ item: Item) { waiting.yield(item) }

  /// Works until it is cancelled.
  func run() async {
    for await item in items {
      switch item {
      case .snapshot(let answers): follow(answers)
      case .look(let look): follow(look)
      }
    }
  }

  private func follow(_ answers: PreparedAnswers<AnswerEncoder>) {
    let snapshot = answers.snapshot
    let transitions = alerts.evaluate(snapshot)
    join(snapshot)
    events.publish(snapshot, transitions) { answers.body(.system) }
    tellOutside(transitions, snapshot.time)
  }

  private func follow(_ look: FleetKeeper.Look) {
    events.publish(look.scene, look.steps, look.transitions, after: scene)
    scene = look.scene
    tellOutside(look.transitions, look.scene.time)
  }

  private func tellOutside(_ transitions: [AlertTransition], _ time: Instant) {
    for transition in transitions where transition.isForWebhook { tell(transition, time) }
  }
}
