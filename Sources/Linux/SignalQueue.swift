import Synchronization

/// Passes signals from the thread that receives them to the tasks that wait for one.
///
/// It holds at most one signal that nothing waited for.
final class SignalQueue: Sendable {
  private struct State {
    var isOpen = false
    /// The name of a signal that arrived while nothing waited for one.
    var pending: String?
    var nextTicket: UInt64 = 1
    var waiters: [UInt64: CheckedContinuation<String?, Never>] = [:]
  }

  private let state = Mutex(State())

  /// Accepts signals from now on.
  func open() { state.withLock { $0.isOpen = true } }

  /// Gives a signal to all tasks that wait, or keeps it for the next one.
  ///
  /// - Returns: Whether the queue is open; a closed one accepts no signal.
  func deliver(_ name: String) -> Bool {
    let (isOpen, waiters) = state.withLock { state in
      guard state.isOpen else { return (false, [UInt64: CheckedContinuation<String?, Never>]()) }
      defer { state.waiters = [:] }
      if state.waiters.isEmpty { state.pending = name }
      return (true, state.waiters)
    }
    for waiter in waiters.values { waiter.resume(returning: name) }
    return isOpen
  }

  /// Opens the queue and waits for the next signal, at most for a limit.
  ///
  /// - Returns: `nil` when none came.
  func next(within limit: Duration?) async -> String? {
    await withCheckedContinuation { continuation in
      let (pending, ticket) = state.withLock { state in
        state.isOpen = true
        defer {
          state.pending = nil
          state.nextTicket += 1
        }
        if state.pending == nil { state.waiters[state.nextTicket] = continuation }
        return (state.pending, state.nextTicket)
      }
      if let pending { return continuation.resume(returning: pending) }
      guard let limit else { return }
      Task {
        try? await Task.sleep(for: limit, clock: .suspending)
        state.withLock { $0.waiters.removeValue(forKey: ticket) }?.resume(returning: nil)
      }
    }
  }
}
