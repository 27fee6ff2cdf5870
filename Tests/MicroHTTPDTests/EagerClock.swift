import Synchronization

/// A clock on which every sleep ends at once and time passes by as much as was slept.
final class EagerClock: Clock {
  struct Instant: InstantProtocol, Sendable {
    var offset: Swift.Duration

    func advanced(by duration: Swift.Duration) -> Instant { Instant(offset: offset + duration) }
    func duration(to other: Instant) -> Swift.Duration { other.offset - offset }
    static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
  }

  private let state = Mutex<(now: Instant, sleeps: Int)>((Instant(offset: .zero), 0))
  private let onSleep: (@Sendable (_ sleeps: Int) -> Void)?

  /// - Parameter onSleep: Called in each sleep with its number, from 1.
  init(onSleep: (@Sendable (Int) -> Void)? = nil) {
    self.onSleep = onSleep
  }

  var now: Instant { state.withLock { $0.now } }
  var minimumResolution: Swift.Duration { .nanoseconds(1) }
  var elapsed: Swift.Duration { now.offset }
  /// How often `sleep` was called.
  var sleeps: Int { state.withLock { $0.sleeps } }

  func sleep(until deadline: Instant, tolerance: Swift.Duration?) async throws {
    try Task.checkCancellation()
    let sleeps = state.withLock { state in
      state.now = max(state.now, deadline)
      state.sleeps += 1
      return state.sleeps
    }
    onSleep?(sleeps)
    await Task.yield()
  }
}
