import Dispatch
import Synchronization

/// A number that one thread raises and another thread waits for, for a bounded time.
public final class Milestone: Sendable {
  private struct State {
    var reached: UInt64 = 0
    /// What the waiting thread waits for; `nil` if no thread waits.
    var awaited: UInt64?
  }

  private let state = Mutex(State())
  private let arrival = DispatchSemaphore(value: 0)

  public init() {}

  public var reached: UInt64 { state.withLock { $0.reached } }

  /// Raises the number; a smaller one changes nothing.
  public func raise(to number: UInt64) {
    state.withLock { state in
      state.reached = max(state.reached, number)
      guard let awaited = state.awaited, awaited <= state.reached else { return }
      state.awaited = nil
      arrival.signal()
    }
  }

  /// Blocks this thread until the number is reached, or the time is over.
  ///
  /// Only one thread may wait at a time.
  ///
  /// - Returns: Whether the number is reached.
  public func wait(for number: UInt64, atMost limit: Duration) -> Bool {
    let mustWait = state.withLock { state in
      guard state.reached < number else { return false }
      state.awaited = number
      return true
    }
    guard mustWait else { return true }
    if arrival.wait(timeout: .now() + .nanoseconds(Int(limit.nanoseconds))) == .success {
      return true
    }
    let isLate = state.withLock { state in
      guard state.awaited != nil else { return false }
      state.awaited = nil
      return true
    }
    // The number was reached in this moment, so the signal is there.
    if !isLate { arrival.wait() }
    return !isLate
  }
}
