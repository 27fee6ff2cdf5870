/// A handler's answer.
public enum Reply: Sendable {
  /// A prepared response, with its own status or another one.
  case ready(Response, status: Int)
  /// Work that may wait, for example for a database, and that returns the final reply.
  ///
  /// The connection is suspended meanwhile and uses no thread. When the client leaves, the task is cancelled shortly
  /// afterwards; ``WaitingClient`` checks at once. A client that has only shut down its sending side is answered,
  /// unless ``DaemonConfiguration/halfClosedLimit`` others wait in the same state, since most such clients have left.
  case later(@Sendable () async -> Reply)
  /// Events until the client or the server ends the stream. Indirect, to keep the ready reply small.
  indirect case stream(EventStream)
  /// A connection that leaves HTTP. A client of HTTP/1.0 receives a refusal instead.
  indirect case upgrade(Upgrade)

  /// - Parameter status: For example 304, to send a response's headers without its body.
  public init(_ response: Response, status: Int? = nil) {
    self = .ready(response, status: status ?? response.status)
  }

  /// This reply, or the final one after all later work.
  public func settled() async -> Reply {
    var reply = self
    while case .later(let work) = reply { reply = await work() }
    return reply
  }

  /// This reply with `Connection: close`, for a server that is about to stop.
  func closing() -> Reply {
    guard case .ready(let response, let status) = self else { return self }
    return Reply(response.closing(), status: status)
  }
}
