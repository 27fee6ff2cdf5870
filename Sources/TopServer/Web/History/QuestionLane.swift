import MicroHTTPD
import Synchronization

/// Lets one query after the other run; the others wait without a thread, and leave when they are cancelled.
final class QuestionLane: Sendable {
  /// Identifies a query.
  private typealias Ticket = UInt64

  private struct State {
    /// Whether a query is running.
    var isBusy = false
    /// The waiting queries.
    var queue: FairQueue<String, Ticket>
    var nextTicket: Ticket = 1
    var waiters: [Ticket: CheckedContinuation<Void, any Error>] = [:]
  }

  typealias Limits = FairQueue<String, UInt64>.Limits

  private let state: Mutex<State>
  private let limits: Limits
  /// Seconds after which a refused client may try again.
  private let retryAfter: Int

  private let counts: QuestionCounts

  init(limits: Limits, retryAfter: Int, counts: QuestionCounts) {
    self.limits = limits
    self.retryAfter = retryAfter
    self.counts = counts
    state = Mutex(State(queue: FairQueue(limits: limits)))
  }

  /// The number of waiting queries.
  var waitingCount: Int { state.withLock { $0.queue.count } }

  /// Runs a query when it is its client's turn.
  ///
  /// - Parameter client: See `AddressKey`.
  /// - Throws: ``Refusal`` when too many queries wait, `CancellationError` when the task is cancelled, and errors of
  ///   the work.
  func run<Answer: Sendable>(
    for client: String, _ work: @Sendable () async throws -> Answer
  ) async throws -> Answer {
    do {
      try Task.checkCancellation()
      do {
        try await begin(client)
      } catch is Full {
        // The waiting queries may belong to clients that have left, which is noticed only now.
        if WaitingClient.isGone { throw CancellationError() }
        do { try await begin(client) } catch let full as Full { throw refusal(full) }
      }
      defer { end() }
      // The client may have left a moment ago, before the task was cancelled.
      if WaitingClient.isGone { throw CancellationError() }
      return try await work()
    } catch let error as CancellationError {
      counts.addCancelled()
      throw error
    }
  }

  /// Too many queries wait.
  struct Refusal: Error, Equatable {
    var detail: String
    /// Seconds.
    var retryAfter: Int
  }

  /// A limit is reached: that of the client, or the total.
  private struct Full: Error { var isOfClient: Bool }

  /// Returns when it is the query's turn; throws ``Full`` or a `CancellationError`.
  private func begin(_ client: String) async throws {
    let ticket = state.withLock { state in
      defer { state.nextTicket += 1 }
      return state.nextTicket
    }
    counts.addWaiting(1)
    defer { counts.addWaiting(-1) }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { waiter in
        let admission = state.withLock { state in
          guard state.isBusy else {
            state.isBusy = true
            return nil as FairQueue<String, Ticket>.Admission?
          }
          let admission = state.queue.add(ticket, for: client)
          if admission == .waits { state.waiters[ticket] = waiter }
          return admission
        }
        switch admission {
        case nil: waiter.resume()
        // When the task was cancelled before it waited, the handler found nothing to remove.
        case .waits: if Task.isCancelled { cancel(ticket, client) }
        case .clientIsFull: waiter.resume(throwing: Full(isOfClient: true))
        case .isFull: waiter.resume(throwing: Full(isOfClient: false))
        }
      }
    } onCancel: {
      cancel(ticket, client)
    }
  }

  private func refusal(_ full: Full) -> Refusal {
    counts.addRefused()
    let reason =
      full.isOfClient
      ? "you already have \(limits.perClient) waiting queries about the past"
      : "this server already has \(limits.total) waiting queries about the past"
    return Refusal(
      detail: "\(reason), which is the limit; retry in \(retryAfter) s, or send fewer at once",
      retryAfter: retryAfter)
  }

  private func cancel(_ ticket: Ticket, _ client: String) {
    let waiter = state.withLock { state in
      state.queue.remove(ticket, of: client) ? state.waiters.removeValue(forKey: ticket) : nil
    }
    waiter?.resume(throwing: CancellationError())
  }

  private func end() {
    let waiter = state.withLock { state in
      let next = state.queue.next()
      state.isBusy = next != nil
      return next.flatMap { state.waiters.removeValue(forKey: $0) }
    }
    waiter?.resume()
  }
}
