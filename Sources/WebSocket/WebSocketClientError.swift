/// The reasons why a connection attempt failed.
public enum WebSocketClientError: Error, Sendable, Equatable, CustomStringConvertible {
  /// No connection: the name is unknown, the connection is refused, or the network is down.
  case unreachable(String)
  /// No secure connection: TLS failed for a reason other than the server's identity.
  case insecure(String)
  /// The server's certificate is invalid, untrusted or for another host.
  case untrusted(String)
  /// An HTTP response other than 101, with the first 4 KiB of its body. Treat that text as hostile.
  case refused(status: Int, body: [UInt8])
  /// The server does not speak WebSocket.
  case notWebSocket(String)
  /// The timeout has expired.
  case timedOut

  public var description: String {
    switch self {
    case .unreachable(let reason): reason
    case .insecure(let reason): "no secure connection: \(reason)"
    case .untrusted(let reason): "not trusted: \(reason)"
    case .refused(let status, _): "refused with status \(status)"
    case .notWebSocket(let reason): "not a WebSocket server: \(reason)"
    case .timedOut: "no answer in time"
    }
  }
}
