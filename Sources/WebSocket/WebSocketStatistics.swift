/// What a ``WebSocketLoop`` has seen since its start.
public struct WebSocketStatistics: Sendable, Equatable {
  /// Connections that are open now.
  public var open = 0
  public var opened: UInt64 = 0
  /// Connections that were sent away, because there were too many.
  public var refused: UInt64 = 0
  /// Messages, without pings and their like.
  public var messagesReceived: UInt64 = 0
  public var messagesSent: UInt64 = 0
  /// Bytes on the wire, frames included.
  public var bytesReceived: UInt64 = 0
  public var bytesSent: UInt64 = 0
  /// Connections that ended, by the code of ``WebSocketClosure``.
  public var closures: [UInt16: UInt64] = [:]

  public init() {}
}
