/// How a connection ended.
public struct WebSocketClosure: Sendable, Equatable {
  /// Who ended it.
  public enum Cause: Sendable, Equatable {
    /// The other side, with a close frame.
    case peer
    /// This side, with a close frame.
    case us
    /// Nobody: the connection was lost or given up, without a close frame.
    case lost
  }

  public var cause: Cause
  /// The code that travelled; 1005 when there was none, 1006 for a connection that was lost.
  ///
  /// See RFC 6455 section 7.4.1.
  public var code: UInt16
  /// In the words of whoever ended it, which are hostile text when it was the peer; may be empty.
  public var reason: String

  public init(cause: Cause, code: UInt16, reason: String) {
    self.cause = cause
    self.code = code
    self.reason = reason
  }

  static func lost(_ reason: String) -> WebSocketClosure {
    WebSocketClosure(cause: .lost, code: 1006, reason: reason)
  }

  static let goingAway: UInt16 = 1001
  static let protocolError: UInt16 = 1002
  static let noCode: UInt16 = 1005
  static let policyViolation: UInt16 = 1008

  /// Why a side that understands nothing but the protocol ends a connection.
  static func complaint(_ code: UInt16) -> String {
    switch code {
    case 1007: "not UTF-8"
    case 1009: "the message is too long"
    default: "not the WebSocket protocol"
    }
  }
}
