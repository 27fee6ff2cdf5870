import Linux
import Logging
import Synchronization

/// Runs the alert engine: evaluates each snapshot, logs the transitions and publishes the state.
///
/// Readers use ``latest``.
final class AlertKeeper: Sendable {
  /// The state for `/alerts`.
  let latest: Latest<AlertReport>
  /// One element for one or more changes of ``memory``.
  let changes: AsyncStream<Void>

  private let book: Mutex<AlertBook>
  private let logger: Logger
  private let changed: AsyncStream<Void>.Continuation

  /// - Parameters:
  ///   - interval: The intended time between two snapshots.
  ///   - memory: The state that the previous run stored.
  init(
    rules: [AlertRule], interval: Duration, memory: AlertMemory = AlertMemory(), logger: Logger,
    at now: Instant
  ) {
    let book = AlertBook(rules: rules, interval: interval, memory: memory, at: now)
    for alert in memory.firing.prefix(Self.mostLines) {
      let hasRule = book.firing.contains(alert)
      logger.notice("\(AlertLog.line(restored: alert, hasRule: hasRule, at: now))")
    }
    self.book = Mutex(book)
    self.logger = logger
    latest = Latest(AlertReport(book, at: now))
    (changes, changed) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    if book.revision > 0 { changed.yield() }
  }

  /// The state that survives a restart.
  var memory: AlertMemory { book.withLock { $0.memory } }

  /// Evaluates the rules for the next snapshot of this machine.
  ///
  /// It only computes: it never waits for a disk or a network.
  ///
  /// - Returns: The transitions, for events and the webhook.
  @discardableResult
  func evaluate(_ snapshot: Snapshot) -> [AlertTransition] {
    update(at: snapshot.time) { $0.evaluate(snapshot, at: snapshot.time) }
  }

  /// Evaluates the rules for the current state of the fleet.
  @discardableResult
  func evaluate(_ hosts: [FleetHost], at now: Instant) -> [AlertTransition] {
    update(at: now) { $0.evaluate(hosts, at: now) }
  }

  private func update(
    at now: Instant, _ step: (inout AlertBook) -> [AlertTransition]
  ) -> [AlertTransition] {
    let (transitions, hasChanged) = book.withLock { book in
      let before = book.revision
      let transitions = step(&book)
      // Publish inside the lock: two threads feed the book, and the newest report must win.
      latest.publish(AlertReport(book, at: now))
      return (transitions, book.revision != before)
    }
    logSteps(transitions)
    if hasChanged { changed.yield() }
    return transitions
  }

  /// The limit of log lines per call: when a whole fleet goes silent, `/alerts` lists every host.
  private static let mostLines = 20

  private func logSteps(_ transitions: [AlertTransition]) {
    let telling = transitions.filter { AlertLog.level($0.step) > .debug }
    let hidden = transitions.filter { AlertLog.level($0.step) <= .debug }
    for transition in hidden.prefix(Self.mostLines) + telling.prefix(Self.mostLines) {
      logger.log(level: AlertLog.level(transition.step), "\(AlertLog.line(transition))")
    }
    if telling.count > Self.mostLines {
      logger.notice("\(telling.count - Self.mostLines) more alerts changed at the same moment")
    }
  }
}
