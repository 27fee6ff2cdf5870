import Synchronization

/// A clock that only a test advances.
public final class ManualClock: Clock {
  public struct Instant: InstantProtocol, Sendable {
    public var offset: Swift.Duration

    public init(offset: Swift.Duration) { self.offset = offset }

    public func advanced(by duration: Swift.Duration) -> Instant {
      Instant(offset: offset + duration)
    }

    public func duration(to other: Instant) -> Swift.Duration { other.offset - offset }

    public static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
  }

  private struct State {
    var now = Instant(offset: .zero)
    var sleepers: [(deadline: Instant, wake: CheckedContinuation<Void, any Error>)] = []
    var watchers: [(count: Int, wake: CheckedContinuation<Void, Never>)] = []
    var sleeps = 0
  }

  private let state = Mutex(State())

  public init() {}

  public var now: Instant { state.withLock { $0.now } }
  public var minimumResolution: Swift.Duration { .nanoseconds(1) }

  public func sleep(until deadline: Instant, tolerance: Swift.Duration?) async throws {
    try Task.checkCancellation()
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let ready = state.withLock { state in
          state.sleepers.append((deadline, continuation))
          state.sleeps += 1
          return Self.takeWatchers(&state)
        }
        for wake in ready { wake.resume() }
      }
    } onCancel: {
      let sleepers = state.withLock { state in
        defer { state.sleepers = [] }
        return state.sleepers
      }
      for sleeper in sleepers { sleeper.wake.resume(throwing: CancellationError()) }
    }
  }

  /// Waits until `sleep` has been called `count` times since the start.
  public func sleepCalled(times count: Int) async {
    await withCheckedContinuation { continuation in
      let ready = state.withLock { state in
        state.watchers.append((count, continuation))
        return Self.takeWatchers(&state)
      }
      for wake in ready { wake.resume() }
    }
  }

  /// Advances the time and wakes sleepers whose deadline has passed.
  public func advance(by duration: Swift.Duration) {
    let due = state.withLock { state in
      state.now = state.now.advanced(by: duration)
      let now = state.now
      let due = state.sleepers.filter { $0.deadline <= now }
      state.sleepers.removeAll { $0.deadline <= now }
      return due
    }
    for sleeper in due { sleeper.wake.resume() }
  }

  private static func takeWatchers(_ state: inout State) -> [CheckedContinuation<Void, Never>] {
    let sleeps = state.sleeps
    let ready = state.watchers.filter { $0.count <= sleeps }
    state.watchers.removeAll { $0.count <= sleeps }
    return ready.map(\.wake)
  }
}
