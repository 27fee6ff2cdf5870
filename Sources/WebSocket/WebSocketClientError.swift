/// Why there is no WebSocket.
public enum WebSocketClientError: Error, Sendable, Equatable, CustomStringConvertible {
  /// No connection: the name is unknown, nobody listens, or the way there is cut.
  case unreachable(String)
  /// No secure connection: TLS failed for another reason than who the server is.
  case insecure(String)
  /// The server is not who it should be, or nobody who is trusted says so.
  case untrusted(String)
  /// An HTTP answer other than 101, and the first 4 KiB of what came with it, which are hostile text.
  case refused(status: Int, body: [UInt8])
  /// Whatever answered does not speak WebSocket.
  case notWebSocket(String)
  /// No answer in time.
  case timedOut

  public var description: String {
    switch self {
    case .unreachable(let reason): reason
    case .insecure(let reason): "no secure connection: \(reason)"
    case .untrusted(let reason): "not trusted: \(reason)"
    case .refused(let status, _): "refused with status \(status)"
    case .notWebSocket(let reason): "no WebSocket server: \(reason)"
    case .timedOut: "no answer in time"
    }
  }
}
