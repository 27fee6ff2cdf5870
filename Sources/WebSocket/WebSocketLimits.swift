/// The limits of a ``WebSocketLoop`` or a ``WebSocketClient``.
public struct WebSocketLimits: Sendable, Equatable {
  /// The largest message in bytes.
  ///
  /// A longer one ends the connection with 1009 as soon as it is announced.
  public var messageSize = 64 << 10
  /// The maximum number of frames of a message.
  ///
  /// More end the connection with 1008, since each needs memory.
  public var messageFrames = 1024
  /// The maximum number of bytes of incomplete messages, unread input and unsent output of all connections of a loop.
  ///
  /// The connection that exceeds it is dropped.
  public var heldBytes = 32 << 20
  /// The maximum number of messages that may wait to be sent.
  ///
  /// While the queue is full, nothing is read.
  public var queuedMessages = 64
  /// Without a complete message, ping or pong for this time, the connection is dropped.
  public var idleTimeout: Duration = .seconds(30)
  /// After this time without a message, a ping checks whether the peer is alive.
  public var pingInterval: Duration = .seconds(10)
  /// If the peer accepts no output for this time, the connection is dropped.
  public var sendTimeout: Duration = .seconds(10)
  /// The time within which the peer must answer a close.
  public var closeTimeout: Duration = .seconds(5)
  /// The maximum number of connections.
  public var connections = 10_000
  /// The maximum number of connections from one address.
  public var connectionsPerAddress = 2_048

  public init() {}
}
