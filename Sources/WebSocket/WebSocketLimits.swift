/// How much a ``WebSocketLoop`` or a ``WebSocketClient`` puts up with.
public struct WebSocketLimits: Sendable, Equatable {
  /// Bytes of a message; a longer one ends the connection with 1009, at the announcement already.
  public var messageSize = 64 << 10
  /// Frames of a message; more end the connection with 1008, since each takes memory of its own.
  public var messageFrames = 1024
  /// Bytes of messages that are not whole yet, or not read or sent yet, of all connections of a loop; the connection that
  /// goes beyond it is dropped.
  public var heldBytes = 32 << 20
  /// Messages that wait to be sent; as long as there are so many, nothing is read.
  public var queuedMessages = 64
  /// Without a whole message, ping or pong for so long the connection is given up.
  public var idleTimeout: Duration = .seconds(30)
  /// After so long a silence a ping asks whether the other side is still there.
  public var pingInterval: Duration = .seconds(10)
  /// When nothing of what is to be sent was taken for so long, the connection is given up.
  public var sendTimeout: Duration = .seconds(10)
  /// How long the other side may take to answer a close.
  public var closeTimeout: Duration = .seconds(5)
  /// Connections in all.
  public var connections = 10_000
  /// Connections from one address.
  public var connectionsPerAddress = 2_048

  public init() {}
}
