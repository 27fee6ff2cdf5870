import Synchronization

/// Answers that are being made, each once, however many wait for it.
final class AnswerFlights<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  /// What waiting for an answer came to.
  enum Outcome: Sendable {
    case made(Value)
    /// Nobody could queue the work.
    case full
    /// The task that waited was cancelled.
    case cancelled
  }

  private typealias Waiting = CheckedContinuation<Outcome, Never>

  private struct Flight: Sendable {
    var waiting: [UInt64: Waiting] = [:]
    /// Who has queued the work for it.
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
  ///   - client: Who waits.
  ///   - submit: Queues the work; it is called unless the client has done so before. A lock is held.
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
          // Each client queues it, so that nobody waits for the turns of another.
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

  /// Whether the work is still to be done: somebody waits, and nobody has done it.
  func isWanted(_ key: Key) -> Bool {
    state.withLock { state in
      guard let flight = state.flights[key] else { return false }
      if flight.waiting.isEmpty { state.flights[key] = nil }
      return !flight.waiting.isEmpty
    }
  }

  /// The work is done.
  func land(_ key: Key, _ value: Value) {
    let flight = state.withLock { $0.flights.removeValue(forKey: key) }
    for continuation in (flight?.waiting ?? [:]).values {
      continuation.resume(returning: .made(value))
    }
  }

  /// Those that wait, for tests.
  var waitingCount: Int {
    state.withLock { $0.flights.values.reduce(0) { $0 + $1.waiting.count } }
  }
}
