import Synchronization

/// Shares the work on an answer between all requests that wait for it.
final class AnswerFlights<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  /// The result of waiting for an answer.
  enum Outcome: Sendable {
    case made(Value)
    /// The queue was full for every client that asked.
    case full
    /// The waiting task was cancelled.
    case cancelled
  }

  private typealias Waiting = CheckedContinuation<Outcome, Never>

  private struct Flight: Sendable {
    var waiting: [UInt64: Waiting] = [:]
    /// The clients that have queued the work.
    var clients: Set<String> = []
  }

  private struct State: Sendable {
    var flights: [Key: Flight] = [:]
    var lastNumber: UInt64 = 0
  }

  private let state = Mutex(State())

  /// Waits for an answer.
  ///
  /// - Parameters:
  ///   - client: The client that waits.
  ///   - submit: Queues the work; called under a lock, unless this client has queued it already.
  func value(_ key: Key, client: String, _ submit: @Sendable () -> Bool) async -> Outcome {
    let number = state.withLock { state in
      state.lastNumber += 1
      return state.lastNumber
    }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let refusal: Outcome? = state.withLock { state in
          if Task.isCancelled { return .cancelled }
          var flight = state.flights[key] ?? Flight()
          // Every client queues the work, so that none waits for the turn of another.
          if !flight.clients.contains(client) && submit() { flight.clients.insert(client) }
          if flight.clients.isEmpty { return .full }
          flight.waiting[number] = continuation
          state.flights[key] = flight
          return nil
        }
        if let refusal { continuation.resume(returning: refusal) }
      }
    } onCancel: {
      let continuation = state.withLock { state in
        state.flights[key]?.waiting.removeValue(forKey: number)
      }
      continuation?.resume(returning: .cancelled)
    }
  }

  /// Whether the work is still needed: at least one task waits for it and it is not done.
  func isWanted(_ key: Key) -> Bool {
    state.withLock { state in
      guard let flight = state.flights[key] else { return false }
      if flight.waiting.isEmpty { state.flights[key] = nil }
      return !flight.waiting.isEmpty
    }
  }

  /// Delivers the answer to all waiting tasks.
  func land(_ key: Key, _ value: Value) {
    let flight = state.withLock { $0.flights.removeValue(forKey: key) }
    for continuation in (flight?.waiting ?? [:]).values {
      continuation.resume(returning: .made(value))
    }
  }

  /// The number of waiting tasks, for tests.
  var waitingCount: Int {
    state.withLock { $0.flights.values.reduce(0) { $0 + $1.waiting.count } }
  }
}
