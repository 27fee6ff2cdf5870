import Linux
import TLS

/// A plain or TLS connection to a server.
///
/// It is closed on deinit.
protocol ClientStream: AnyObject {
  var socket: StreamSocket { get }
  /// Whether bytes are buffered that the socket does not show as readable.
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

  /// Performs the TLS handshake and blocks until it is complete.
  ///
  /// - Parameter deadline: Nanoseconds on `CLOCK_MONOTONIC`.
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
