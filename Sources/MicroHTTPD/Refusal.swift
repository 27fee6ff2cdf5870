/// Why a request is turned away, most often before any handler sees it.
public enum Refusal: Sendable, Equatable {
  /// The message is not HTTP as the RFCs write it; the text says what is wrong.
  case malformed(String)
  /// The host is not among those that we answer for.
  case hostNotAllowed(String)
  /// The body is longer than the limit, in bytes.
  case bodyTooLarge(limit: Int)
  /// The request line with the headers is longer than the limit, in bytes; more than half of it is the target or not.
  case headTooLarge(limit: Int, isTarget: Bool)
  /// There are as many of something as there may be.
  case tooMany(DaemonLimit, limit: Int)
  /// The client has closed its sending side, as one does that has gone away, before its answer was there.
  case clientLeft
  /// The server stops before the answer could be made.
  case stopping
}
