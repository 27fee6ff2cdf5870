import Linux
import Logging

/// Evaluates the alert rules, saves their state for the next run, and sends changes to the webhook.
struct AlertService: Sendable {
  let keeper: AlertKeeper
  /// `nil` if the server has no data folder.
  let store: AlertStore?
  /// `nil` if the rule file configures none.
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

  /// Queues a message for the webhook, if there is one.
  ///
  /// Never blocks.
  func tell(_ transition: AlertTransition, _ time: Instant) {
    webhook?.send(.init(transition: transition, time: time))
  }

  /// Saves and sends until it is cancelled.
  ///
  /// On cancellation it saves the newest state.
  func run(clock: some Clock<Duration>) async {
    await SideBySide.run([
      { await webhook?.run(clock: clock) },
      { await store?.run(after: keeper.changes, clock: clock) { keeper.memory } },
    ])
  }
}
