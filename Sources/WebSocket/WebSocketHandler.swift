/// Handles the events of a ``WebSocketLoop``.
///
/// All methods run on the loop's thread and must not block.
public protocol WebSocketHandler: Sendable {
  /// A connection was opened. This is the first call for it.
  func opened(_ id: WebSocketID, peer: String)
  /// A text message arrived. The bytes are valid UTF-8.
  func received(_ text: [UInt8], on id: WebSocketID) -> WebSocketAnswer
  /// A binary message arrived.
  func received(binary bytes: [UInt8], on id: WebSocketID) -> WebSocketAnswer
  /// A connection ended. This is the last call for it.
  func closed(_ id: WebSocketID, _ closure: WebSocketClosure)
}

extension WebSocketHandler {
  /// Refuses binary messages with code 1003.
  public func received(binary bytes: [UInt8], on id: WebSocketID) -> WebSocketAnswer {
    .close(code: 1003, reason: "only text messages are supported")
  }
}

/// The answer to a message.
public enum WebSocketAnswer: Sendable, Equatable {
  /// Sends a message of the same kind, text or binary.
  case reply([UInt8])
  case silence
  /// Closes the connection. See RFC 6455 section 7.4 for codes. At most 123 bytes of the reason are sent.
  case close(code: UInt16, reason: String)
}
