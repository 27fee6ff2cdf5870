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
    for alert in memory.firing {
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

  /// Takes the next snapshot.
  ///
  /// Computes only: nothing here waits for a disk or a network.
  ///
  /// - Returns: What changed, for those who pass it on.
  @discardableResult
  func take(_ snapshot: Snapshot) -> [AlertTransition] {
    let before = latest.value.revision
    let (transitions, report) = book.withLock { book in
      let transitions = book.take(snapshot, at: snapshot.time)
      return (transitions, AlertReport(book, at: snapshot.time))
    }
    latest.publish(report)
    for transition in transitions {
      logger.log(level: AlertLog.level(transition.step), "\(AlertLog.line(transition))")
    }
    if report.revision != before { changed.yield() }
    return transitions
  }
}
