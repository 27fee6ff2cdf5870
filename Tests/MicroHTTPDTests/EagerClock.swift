import Synchronization

/// A clock on which every sleep returns at once and advances the time as requested.
///
/// It supports one sleeper. Its state is atomic, since the thread sanitizer does not understand the library's `Mutex`
/// and reports it under contention.
final class EagerClock: Clock {
  struct Instant: InstantProtocol, Sendable {
    var offset: Swift.Duration

    func advanced(by duration: Swift.Duration) -> Instant { Instant(offset: offset + duration) }
    func duration(to other: Instant) -> Swift.Duration { other.offset - offset }
    static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
  }

  private let milliseconds = Atomic<Int64>(0)
  private let sleeps = Atomic(0)
  private let onSleep: (@Sendable (_ sleeps: Int) -> Void)?

  /// - Parameter onSleep: Called in each sleep with its number, starting at 1.
  init(onSleep: (@Sendable (Int) -> Void)? = nil) {
    self.onSleep = onSleep
  }

  var now: Instant { Instant(offset: elapsed) }
  var minimumResolution: Swift.Duration { .milliseconds(1) }
  /// The total time slept.
  var elapsed: Swift.Duration { .milliseconds(milliseconds.load(ordering: .relaxed)) }

  func sleep(until deadline: Instant, tolerance: Swift.Duration?) async throws {
    try Task.checkCancellation()
    milliseconds.store(Int64(deadline.offset / .milliseconds(1)), ordering: .relaxed)
    onSleep?(sleeps.add(1, ordering: .relaxed).newValue)
    await Task.yield()
  }
}
