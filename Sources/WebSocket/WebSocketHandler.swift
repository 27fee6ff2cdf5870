/// What to do about the connections of a ``WebSocketLoop``.
///
/// All of it is called on the loop's one thread, so none of it may wait for anything.
public protocol WebSocketHandler: Sendable {
  /// A connection is there; what is received comes after this.
  func opened(_ id: WebSocketID, peer: String)
  /// A text message came: its bytes, which are UTF-8.
  func received(_ text: [UInt8], on id: WebSocketID) -> WebSocketAnswer
  /// A binary message came.
  func received(binary bytes: [UInt8], on id: WebSocketID) -> WebSocketAnswer
  /// The connection is over; the last call for it.
  func closed(_ id: WebSocketID, _ closure: WebSocketClosure)
}

extension WebSocketHandler {
  /// Refuses binary messages, with 1003.
  public func received(binary bytes: [UInt8], on id: WebSocketID) -> WebSocketAnswer {
    .close(code: 1003, reason: "only text messages are understood")
  }
}

/// What to answer a message.
public enum WebSocketAnswer: Sendable, Equatable {
  /// A message of the same kind, text or binary.
  case reply([UInt8])
  case silence
  /// The end; see RFC 6455 section 7.4 for codes. Of the reason 123 bytes are sent.
  case close(code: UInt16, reason: String)
}
