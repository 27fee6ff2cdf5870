/// What a server has a limited number of, and why a request or a connection may be refused.
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

/// Why the server ended a connection that it had.
public enum DaemonEnding: Int, CaseIterable, Sendable {
  /// The request, or its body, took too long to arrive, or no request came.
  case slowRequest
  /// The client took its answer too slowly.
  case slowReader
  /// Too many bytes waited for clients, and this one was the slowest.
  case unsentBytes
  /// It was idle, and another client needed its place.
  case idle
  /// The client left while its answer was being worked on.
  case clientLeft
}
