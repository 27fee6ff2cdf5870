import Linux
import Logging
import Synchronization

/// Runs the engine beside the sampler: takes each snapshot, says what changed, and shows where everything stands.
///
/// The sampler's thread writes, all others read ``latest``.
final class AlertKeeper: Sendable {
  /// For `/alerts`.
  let latest: Latest<AlertReport>
  /// One element for each change that must survive a restart, or for several: what counts is ``memory``.
  let changes: AsyncStream<Void>

  private let book: Mutex<AlertBook>
  private let logger: Logger
  private let changed: AsyncStream<Void>.Continuation

  /// - Parameters:
  ///   - interval: How far apart snapshots are meant to be.
  ///   - memory: What the run before has left.
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

  /// What must survive a restart.
  var memory: AlertMemory { book.withLock { $0.memory } }

  /// Takes the next snapshot of this machine.
  ///
  /// Computes only: nothing here waits for a disk or a network.
  ///
  /// - Returns: What changed, for those who pass it on.
  @discardableResult
  func evaluate(_ snapshot: Snapshot) -> [AlertTransition] {
    update(at: snapshot.time) { $0.evaluate(snapshot, at: snapshot.time) }
  }

  /// Takes the fleet as it is now.
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
      // Inside the lock: two threads feed the book, and the newest report must stay.
      latest.publish(AlertReport(book, at: now))
      return (transitions, book.revision != before)
    }
    say(transitions)
    if hasChanged { changed.yield() }
    return transitions
  }

  /// When a whole fleet goes silent, its names are in `/alerts` and need not all be in the log.
  private static let mostLines = 20

  private func say(_ transitions: [AlertTransition]) {
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
