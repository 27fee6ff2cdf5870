import Linux
import Synchronization

/// The messages from other threads to a client's thread.
final class ClientMail: Sendable {
  private struct State {
    var texts: [[UInt8]] = []
    var close: (code: UInt16, reason: String)?
    var isOver = false
  }

  private let state = Mutex(State())
  private let limit: Int
  let wakeUp: WakeUpCall

  /// - Parameter limit: The maximum number of messages that may wait.
  init(limit: Int) throws(SystemCallError) {
    self.limit = limit
    wakeUp = try WakeUpCall()
  }

  func send(_ text: [UInt8]) -> Bool {
    let isQueued = state.withLock { state in
      guard !state.isOver, state.close == nil, state.texts.count < limit else { return false }
      state.texts.append(text)
      return true
    }
    if isQueued { wakeUp.call() }
    return isQueued
  }

  func close(code: UInt16, reason: String) {
    state.withLock { state in
      if state.close == nil { state.close = (code, reason) }
    }
    wakeUp.call()
  }

  // MARK: - For the client's thread

  var hasTexts: Bool { state.withLock { !$0.texts.isEmpty } }

  /// - Parameter count: How many messages to take; the others stay.
  func dequeue(_ count: Int) -> [[UInt8]] {
    state.withLock { state in
      defer { state.texts.removeFirst(min(max(0, count), state.texts.count)) }
      return Array(state.texts.prefix(max(0, count)))
    }
  }

  /// The requested close, as soon as no message waits before it.
  var close: (code: UInt16, reason: String)? {
    state.withLock { $0.texts.isEmpty ? $0.close : nil }
  }

  func finish() { state.withLock { $0.isOver = true } }
}
