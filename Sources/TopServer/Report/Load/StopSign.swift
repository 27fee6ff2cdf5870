import Linux
import Synchronization

/// Tells threads that block to come to an end.
final class StopSign: Sendable {
  private let flag = Atomic(false)

  var isUp: Bool { flag.load(ordering: .relaxed) }

  func raise() { flag.store(true, ordering: .relaxed) }

  /// Blocks this thread until a moment on the monotonic clock, in nanoseconds, or until a tenth of a second after the sign
  /// went up.
  func sleep(until moment: Int64) {
    while !isUp {
      let now = Instant.monotonicNow()
      guard now < moment else { return }
      Instant.sleep(untilMonotonic: min(moment, now + 100_000_000))
    }
  }
}
