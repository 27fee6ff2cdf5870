import Linux
import Synchronization

/// What other threads have to say to the thread of a loop, and what it tells them.
final class LoopMail: Sendable {
  enum Letter: Sendable {
    case adopt(Newcomer)
    case send([UInt8], to: WebSocketID)
    case close(WebSocketID, code: UInt16, reason: String)
    /// Closes all, waits for that until a moment on the monotonic clock, and ends.
    case drain(code: UInt16, reason: String, until: Int64)
  }

  /// A connection on its way into the loop.
  struct Newcomer: Sendable {
    var id: WebSocketID
    var socket: StreamSocket
    var earlyBytes: [UInt8]
    var peer: String
    /// What counts for the limit of connections from one address.
    var address: String
    var release: @Sendable () -> Void
  }

  private struct State {
    var admission: Admission
    var letters: [Letter] = []
    var sends = 0
    var lastID: UInt64 = 0
    /// No more letters are taken.
    var isClosed = false
    /// The thread has let go of everything.
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

  /// - Parameter make: Gets the number of the newcomer.
  /// - Returns: False when there is no room, or the loop has ended.
  func adopt(_ address: String, _ make: (WebSocketID) -> Newcomer) -> Bool {
    let isIn = state.withLock { state in
      guard !state.isClosed, state.admission.enter(address) else {
        state.refused += 1
        return false
      }
      // 0 is the wake-up call.
      state.lastID += 1
      state.letters.append(.adopt(make(WebSocketID(number: state.lastID))))
      return true
    }
    if isIn { wakeUp.call() }
    return isIn
  }

  /// - Returns: False when the loop has ended.
  @discardableResult
  func post(_ letter: Letter) -> Bool {
    let isTaken = state.withLock { state in
      guard !state.isClosed else { return false }
      state.letters.append(letter)
      return true
    }
    if isTaken { wakeUp.call() }
    return isTaken
  }

  /// - Parameter limit: How many may be on their way.
  /// - Returns: False when there are too many, or the loop has ended.
  func send(_ text: [UInt8], to id: WebSocketID, limit: Int) -> Bool {
    let isTaken = state.withLock { state in
      guard !state.isClosed, state.sends < limit else { return false }
      state.sends += 1
      state.letters.append(.send(text, to: id))
      return true
    }
    if isTaken { wakeUp.call() }
    return isTaken
  }

  /// Returns when the thread has let go of everything.
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

  // MARK: - For the thread

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

  /// - Returns: Letters that came too late.
  func close() -> [Letter] {
    state.withLock { state in
      state.isClosed = true
      defer { state.letters = [] }
      return state.letters
    }
  }

  /// The last thing that the thread does.
  func finish() {
    let waiting = state.withLock { state in
      state.isOver = true
      defer { state.waiting = [] }
      return state.waiting
    }
    for continuation in waiting { continuation.resume() }
  }
}
