/// The end of a connection and its reason.
public struct WebSocketClosure: Sendable, Equatable {
  /// Which side closed the connection.
  public enum Cause: Sendable, Equatable {
    /// The peer, with a close frame.
    case peer
    /// This side, with a close frame.
    case us
    /// Neither: the connection was lost or abandoned without a close frame.
    case lost
  }

  public var cause: Cause
  /// The close code; 1005 if the close frame had none, 1006 if the connection was lost.
  ///
  /// See RFC 6455 section 7.4.1.
  public var code: UInt16
  /// The reason of the closing side; may be empty.
  ///
  /// Treat a peer's text as hostile.
  public var reason: String

  public init(cause: Cause, code: UInt16, reason: String) {
    self.cause = cause
    self.code = code
    self.reason = reason
  }

  /// Whether the peer closed with 1001, because it goes away.
  public var isFarewell: Bool { cause == .peer && code == Self.goingAway }

  static func lost(_ reason: String) -> WebSocketClosure {
    WebSocketClosure(cause: .lost, code: 1006, reason: reason)
  }

  static let goingAway: UInt16 = 1001
  static let protocolError: UInt16 = 1002
  static let noCode: UInt16 = 1005
  static let policyViolation: UInt16 = 1008

  /// The reason text for a close that the protocol layer sends.
  static func complaint(_ code: UInt16) -> String {
    switch code {
    case 1007: "not UTF-8"
    case 1009: "the message is too long"
    default: "not the WebSocket protocol"
    }
  }
}
