import Synchronization

@testable import WebSocket

/// A handler that records events and answers as configured.
final class Recorder: WebSocketHandler {
  enum Event: Equatable {
    case opened(WebSocketID, String)
    case received(String, WebSocketID)
    case closed(WebSocketID, WebSocketClosure)
  }

  private let stored = Mutex<[Event]>([])
  private let answer: @Sendable (String) -> WebSocketAnswer

  /// - Parameter answer: The default echoes the message.
  init(answer: @escaping @Sendable (String) -> WebSocketAnswer = { .reply(Array($0.utf8)) }) {
    self.answer = answer
  }

  var events: [Event] { stored.withLock { $0 } }

  var ids: [WebSocketID] {
    events.compactMap { event in
      guard case .opened(let id, _) = event else { return nil }
      return id
    }
  }

  var texts: [String] {
    events.compactMap { event in
      guard case .received(let text, _) = event else { return nil }
      return text
    }
  }

  var closures: [WebSocketClosure] {
    events.compactMap { event in
      guard case .closed(_, let closure) = event else { return nil }
      return closure
    }
  }

  func opened(_ id: WebSocketID, peer: String) { add(.opened(id, peer)) }

  func received(_ text: [UInt8], on id: WebSocketID) -> WebSocketAnswer {
    let text = String(decoding: text, as: UTF8.self)
    add(.received(text, id))
    return answer(text)
  }

  func closed(_ id: WebSocketID, _ closure: WebSocketClosure) { add(.closed(id, closure)) }

  private func add(_ event: Event) { stored.withLock { $0.append(event) } }
}
