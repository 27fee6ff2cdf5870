/// The counts of a ``WebSocketLoop`` since its start.
public struct WebSocketStatistics: Sendable, Equatable {
  /// Connections that are open now.
  public var open = 0
  public var opened: UInt64 = 0
  /// Connections that were refused because a limit was reached.
  public var refused: UInt64 = 0
  /// Messages without control frames.
  public var messagesReceived: UInt64 = 0
  public var messagesSent: UInt64 = 0
  /// Bytes on the wire, including frame headers.
  public var bytesReceived: UInt64 = 0
  public var bytesSent: UInt64 = 0
  /// Ended connections by the code of ``WebSocketClosure``.
  public var closures: [UInt16: UInt64] = [:]

  public init() {}
}
