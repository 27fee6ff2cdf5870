import Linux
import MicroHTTPD
import Synchronization

/// Makes large answers on a few separate threads, so that neither the sampler nor libmicrohttpd's threads do.
final class AnswerPool: Sendable {
  typealias Job = @Sendable () -> Void

  /// The limits of waiting answers, in total and per client; further ones are refused.
  static let mostWaiting = 1024
  static let mostWaitingPerClient = 256

  private struct State: Sendable {
    /// Jobs that run before all others.
    var urgent: [Job] = []
    var queue: FairQueue<String, Job>
    var idle: [SerialQueueExecutor]
  }

  private let state: Mutex<State>

  /// - Parameter threads: The number of answers made at a time.
  init(
    threads: Int, mostWaiting: Int = mostWaiting, mostWaitingPerClient: Int = mostWaitingPerClient
  ) {
    state = Mutex(
      State(
        queue: FairQueue(
          limits: .init(total: mostWaiting, perClient: mostWaitingPerClient)),
        idle: (0..<max(1, threads)).map { SerialQueueExecutor(label: "answers-\($0)") }))
  }

  /// The number of threads that leaves at least one CPU to everything else.
  static func threads(forCPUs count: Int) -> Int { min(max(1, count - 1), 2) }

  /// Queues work.
  ///
  /// - Returns: `false` when too much work waits already.
  func submit(_ job: @escaping Job, for client: String) -> Bool {
    start { $0.queue.add(job, for: client) == .waits }
  }

  /// Queues work that runs before the work for clients; the caller must keep it small.
  func submitUrgent(_ job: @escaping Job) {
    _ = start { state in
      state.urgent.append(job)
      return true
    }
  }

  private func start(_ add: (inout State) -> Bool) -> Bool {
    let (isAdded, thread) = state.withLock { state in
      let isAdded = add(&state)
      return (isAdded, isAdded ? state.idle.popLast() : nil)
    }
    if let thread { thread.run { self.work(on: thread) } }
    return isAdded
  }

  private func work(on thread: SerialQueueExecutor) {
    while let job = next(on: thread) { job() }
  }

  /// The next job; `nil` makes the thread idle.
  private func next(on thread: SerialQueueExecutor) -> Job? {
    state.withLock { state in
      if !state.urgent.isEmpty { return state.urgent.removeFirst() }
      if let job = state.queue.next() { return job }
      state.idle.append(thread)
      return nil
    }
  }
}

extension AnswerPool {
  /// The reply to a request that finds the queue full.
  static let refusal = Reply(
    Problem(
      status: 503,
      detail: "\(mostWaiting) answers are waiting, or \(mostWaitingPerClient) for one address; "
        + "retry later, or send fewer different queries: equal ones share an answer"
    ).response(headers: [.init("Retry-After", "1")]))

  /// A reply that the pool makes.
  func reply(to client: String, _ make: @escaping @Sendable () -> Reply) -> Reply {
    .later {
      await withCheckedContinuation { continuation in
        let isQueued = self.submit({ continuation.resume(returning: make()) }, for: client)
        if !isQueued { continuation.resume(returning: Self.refusal) }
      }
    }
  }
}
