import Linux

/// Handles each snapshot and each fleet check after its publication: it evaluates the alerts, updates this machine's
/// host in the fleet, publishes events and queues webhook messages.
///
/// It has its own thread, so that the sampler only samples and publishes.
actor FollowUp: OwnThreadActor {
  enum Item: Sendable {
    case snapshot(PreparedAnswers<AnswerEncoder>)
    case look(FleetKeeper.Look)
  }

  /// The maximum number of items that may wait.
  ///
  /// When there are more, the oldest are dropped.
  static let mostWaiting = 32

  nonisolated let executor = SerialQueueExecutor(label: "follow-up")
  private let alerts: AlertKeeper
  private let events: EventFeed
  private let join: @Sendable (Snapshot) -> Void
  private let tell: @Sendable (AlertTransition, Instant) -> Void
  private nonisolated let items: AsyncStream<Item>
  private nonisolated let waiting: AsyncStream<Item>.Continuation
  /// The scene of the last published event.
  private var scene: FleetScene

  /// - Parameters:
  ///   - join: Updates this machine's host in the fleet.
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

  /// Queues an item.
  ///
  /// Never blocks.
  nonisolated func add(_ item: Item) { waiting.yield(item) }

  /// Handles items until it is cancelled.
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
