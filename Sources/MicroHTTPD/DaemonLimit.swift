/// The limits of a server; each is a reason to refuse a request or a connection.
public enum DaemonLimit: Int, CaseIterable, Sendable {
  case connections
  case connectionsPerAddress
  case streams
  case streamsPerAddress
  case upgrades
  case waitingAnswers
  case waitingAnswersPerAddress
  case unsentBytes
  case headSize
}

/// The reasons for which the server ends a connection.
public enum DaemonEnding: Int, CaseIterable, Sendable {
  /// The request or its body took too long to arrive, or none came.
  case slowRequest
  /// The client received its answer too slowly.
  case slowReader
  /// There were too many unsent bytes, and this client was the slowest.
  case unsentBytes
  /// The connection was idle and another client needed its place.
  case idle
  /// The client left while its answer was in progress.
  case clientLeft
}
