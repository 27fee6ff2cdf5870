import Linux
import Logging

/// Watches the rules, remembers across restarts what fires, and sends what changes to the webhook.
struct AlertService: Sendable {
  let keeper: AlertKeeper
  /// `nil` when there is no folder to keep anything in.
  let store: AlertStore?
  /// `nil` when the file of rules names none.
  let webhook: WebhookSender?

  init(
    _ settings: Settings, _ configuration: AlertConfiguration, hostName: String, logger: Logger
  ) async {
    store = settings.dataFolder.map { AlertStore(folder: $0, logger: logger) }
    keeper = AlertKeeper(
      rules: configuration.rules, interval: settings.interval,
      memory: await store?.load(at: .now()) ?? AlertMemory(), logger: logger, at: .now())
    webhook = configuration.webhook.map {
      WebhookSender($0, hostName: hostName, logger: logger)
    }
  }

  /// Queues a message for the webhook, if there is one; waits for nothing.
  func tell(_ transition: AlertTransition, _ time: Instant) {
    webhook?.send(.init(transition: transition, time: time))
  }

  /// Writes and sends until it is cancelled; the newest state is written at the end.
  func run(clock: some Clock<Duration>) async {
    await SideBySide.run([
      { await webhook?.run(clock: clock) },
      { await store?.run(after: keeper.changes, clock: clock) { keeper.memory } },
    ])
  }
}
