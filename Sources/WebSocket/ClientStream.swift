import Linux
import TLS

/// The way to a server, plain or through TLS, which closes with its owner.
protocol ClientStream: AnyObject {
  var socket: StreamSocket { get }
  /// Whether there is something to read that the socket does not show.
  var hasMore: Bool { get }
  func receive(into buffer: inout [UInt8]) -> StreamSocket.Outcome
  func send(_ bytes: ArraySlice<UInt8>) -> StreamSocket.Outcome
  func endSending()
}

final class PlainStream: ClientStream {
  let socket: StreamSocket
  let hasMore = false

  init(_ socket: StreamSocket) { self.socket = socket }

  deinit { socket.close() }

  func receive(into buffer: inout [UInt8]) -> StreamSocket.Outcome { socket.receive(into: &buffer) }
  func send(_ bytes: ArraySlice<UInt8>) -> StreamSocket.Outcome { socket.send(bytes) }
  func endSending() { socket.endSending() }
}

final class SecureStream: ClientStream {
  let socket: StreamSocket
  private let session: TLSSession

  /// Blocks until the other side is known.
  ///
  /// - Parameter deadline: Nanoseconds on the monotonic clock.
  init(_ socket: StreamSocket, host: String, trust: Trust, until deadline: Int64) throws(TLSError) {
    session = try TLSSession(socket, host: host, trust: trust)
    try session.handshake(until: deadline)
    self.socket = socket
  }

  deinit { socket.close() }

  var hasMore: Bool { session.hasMore }

  func receive(into buffer: inout [UInt8]) -> StreamSocket.Outcome {
    session.receive(into: &buffer)
  }
  func send(_ bytes: ArraySlice<UInt8>) -> StreamSocket.Outcome { session.send(bytes) }

  func endSending() {
    session.endSending()
    socket.endSending()
  }
}
