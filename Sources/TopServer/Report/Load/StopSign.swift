import Linux
import Synchronization

/// Tells blocked threads to end.
final class StopSign: Sendable {
  private let flag = Atomic(false)

  var isUp: Bool { flag.load(ordering: .relaxed) }

  func raise() { flag.store(true, ordering: .relaxed) }

  /// Blocks this thread until a time in nanoseconds on `CLOCK_MONOTONIC`, or until at most a tenth of a second after
  /// the sign is raised.
  func sleep(until moment: Int64) {
    while !isUp {
      let now = Instant.monotonicNow()
      guard now < moment else { return }
      Instant.sleep(untilMonotonic: min(moment, now + 100_000_000))
    }
  }
}
