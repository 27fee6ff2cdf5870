/// What a handler answers.
public enum Reply: Sendable {
  /// A prepared response, under its own status or another one.
  case ready(Response, status: Int)
  /// Work that has to wait for something, a database for one, and the reply in which it ends.
  ///
  /// The connection is suspended meanwhile and holds no thread. When the client leaves, the task of the work is
  /// cancelled within a moment; see ``WaitingClient`` for a look at any other time. A client that has only closed its
  /// sending side is answered, unless too many wait in the same way (``DaemonConfiguration/halfClosedLimit``), since
  /// most of those that do so are gone.
  case later(@Sendable () async -> Reply)
  /// Events, until the client or the server ends them; indirect, to keep the ready reply as small as it is.
  indirect case stream(EventStream)
  /// The connection leaves HTTP; to a client of HTTP/1.0 it is a refusal.
  indirect case upgrade(Upgrade)

  /// - Parameter status: For example 304 for a response whose headers apply though its body is not sent.
  public init(_ response: Response, status: Int? = nil) {
    self = .ready(response, status: status ?? response.status)
  }

  /// The reply itself, or the one in which later work ends.
  public func settled() async -> Reply {
    var reply = self
    while case .later(let work) = reply { reply = await work() }
    return reply
  }

  /// The same for a server that is about to stop: with `Connection: close`.
  func closing() -> Reply {
    guard case .ready(let response, let status) = self else { return self }
    return Reply(response.closing(), status: status)
  }
}
