/// Limits and rules of a ``Daemon``.
public struct DaemonConfiguration: Sendable {
  /// Worker threads, each with an epoll set of its own.
  ///
  /// At least 2: libmicrohttpd has no pool of one.
  public var threads = 2
  /// Connections in all, upgraded ones included; more wait in the backlog until one ends.
  ///
  /// Each takes a file descriptor.
  public var connectionLimit = 8192
  /// Connections from one address; more are closed at once.
  public var connectionLimitPerAddress = 2048
  /// Bytes of memory for one connection, which bounds the request line with the headers.
  public var connectionMemory = 16 << 10
  /// Seconds of silence after which a connection is closed.
  public var idleTimeout = 30
  /// Time for the headers of a request to arrive, and again for its body.
  public var headerTimeout: Duration = .seconds(10)
  /// Time for one answer to be taken by its client.
  public var answerTimeout: Duration = .seconds(120)
  /// Bytes of request body that are read (and thrown away); more is refused.
  public var bodyLimit = 64 << 10

  /// Whether requests for this host are ours to answer; the text is a Host header or the authority of a target.
  public var allowsHost: @Sendable (String) -> Bool = { _ in true }
  /// The answer to a request that is turned away.
  public var refuse: @Sendable (Refusal) -> Response
  /// Takes what libmicrohttpd has to say, one line a call.
  public var log: @Sendable (String) -> Void = { _ in }

  public init(refuse: @escaping @Sendable (Refusal) -> Response) {
    self.refuse = refuse
  }
}

/// Why a request is turned away, most often before any handler sees it.
public enum Refusal: Sendable, Equatable {
  /// The message is not HTTP as the RFCs write it; the text says what is wrong.
  case malformed(String)
  /// The host is not among those that we answer for.
  case hostNotAllowed(String)
  /// The body is longer than the limit, in bytes.
  case bodyTooLarge(limit: Int)
  /// The server stops before the answer could be made.
  case stopping
}
