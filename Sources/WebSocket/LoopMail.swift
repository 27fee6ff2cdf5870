import Linux
import Synchronization

/// The messages between a loop's thread and other threads.
final class LoopMail: Sendable {
  enum Letter: Sendable {
    case adopt(Newcomer)
    case send([UInt8], to: WebSocketID)
    case close(WebSocketID, code: UInt16, reason: String)
    /// Closes all connections, waits for the peers until a deadline on `CLOCK_MONOTONIC`, and ends the thread.
    case drain(code: UInt16, reason: String, until: Int64)
  }

  /// A connection that is to be added to the loop.
  struct Newcomer: Sendable {
    var id: WebSocketID
    var socket: StreamSocket
    var earlyBytes: [UInt8]
    var peer: String
    /// The key for the limit of connections per address.
    var address: String
    var release: @Sendable () -> Void
  }

  private struct State {
    var admission: Admission
    var letters: [Letter] = []
    var sends = 0
    var lastID: UInt64 = 0
    /// Whether new letters are rejected.
    var isClosed = false
    /// Whether the thread has released everything.
    var isOver = false
    var waiting: [CheckedContinuation<Void, Never>] = []
    var refused: UInt64 = 0
    var statistics = WebSocketStatistics()
  }

  private let state: Mutex<State>
  let wakeUp: WakeUpCall

  init(_ limits: WebSocketLimits) throws(SystemCallError) {
    state = Mutex(State(admission: Admission(limits)))
    wakeUp = try WakeUpCall()
  }

  // MARK: - For any thread

  func hasRoom(for address: String) -> Bool {
    state.withLock { !$0.isClosed && $0.admission.hasRoom(for: address) }
  }

  /// - Parameter make: Makes the newcomer from its id.
  /// - Returns: False if a limit is reached or the loop has ended.
  func adopt(_ address: String, _ make: (WebSocketID) -> Newcomer) -> Bool {
    let isAdmitted = state.withLock { state in
      guard !state.isClosed, state.admission.enter(address) else {
        state.refused += 1
        return false
      }
      // Ids start at 1, since 0 is the wake-up call's token.
      state.lastID += 1
      state.letters.append(.adopt(make(WebSocketID(number: state.lastID))))
      return true
    }
    if isAdmitted { wakeUp.call() }
    return isAdmitted
  }

  /// - Returns: False if the loop has ended.
  @discardableResult
  func post(_ letter: Letter) -> Bool {
    let isQueued = state.withLock { state in
      guard !state.isClosed else { return false }
      state.letters.append(letter)
      return true
    }
    if isQueued { wakeUp.call() }
    return isQueued
  }

  /// - Parameter limit: The maximum number of messages that may be in transit to the thread.
  /// - Returns: False if the limit is reached or the loop has ended.
  func send(_ text: [UInt8], to id: WebSocketID, limit: Int) -> Bool {
    let isQueued = state.withLock { state in
      guard !state.isClosed, state.sends < limit else { return false }
      state.sends += 1
      state.letters.append(.send(text, to: id))
      return true
    }
    if isQueued { wakeUp.call() }
    return isQueued
  }

  /// Returns when the thread has released everything.
  func end() async {
    await withCheckedContinuation { continuation in
      let isOver = state.withLock { state in
        if !state.isOver { state.waiting.append(continuation) }
        return state.isOver
      }
      if isOver { continuation.resume() }
    }
  }

  var statistics: WebSocketStatistics {
    state.withLock { state in
      var statistics = state.statistics
      statistics.refused = state.refused
      return statistics
    }
  }

  // MARK: - For the loop's thread

  func drain() -> [Letter] {
    state.withLock { state in
      defer {
        state.letters = []
        state.sends = 0
      }
      return state.letters
    }
  }

  func leave(_ address: String) { state.withLock { $0.admission.leave(address) } }

  func publish(_ statistics: WebSocketStatistics) { state.withLock { $0.statistics = statistics } }

  /// - Returns: Letters that arrived too late.
  func close() -> [Letter] {
    state.withLock { state in
      state.isClosed = true
      defer { state.letters = [] }
      return state.letters
    }
  }

  /// The thread calls this last.
  func finish() {
    let waiting = state.withLock { state in
      state.isOver = true
      defer { state.waiting = [] }
      return state.waiting
    }
    for continuation in waiting { continuation.resume() }
  }
}
