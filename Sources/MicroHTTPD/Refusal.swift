/// The reasons to refuse a request, usually before a handler sees it.
public enum Refusal: Sendable, Equatable {
  /// The message violates the HTTP RFCs; the text says how.
  case malformed(String)
  /// The host is not one that we serve.
  case hostNotAllowed(String)
  /// The body exceeds the limit in bytes.
  case bodyTooLarge(limit: Int)
  /// Request line and headers exceed the limit in bytes. `isTarget` says whether the target is more than half of them.
  case headTooLarge(limit: Int, isTarget: Bool)
  /// A limit of the daemon is reached.
  case tooMany(DaemonLimit, limit: Int)
  /// The client shut down its sending side before the answer was ready, so it has probably left.
  case clientLeft
  /// The server is stopping before the answer is ready.
  case stopping
}
