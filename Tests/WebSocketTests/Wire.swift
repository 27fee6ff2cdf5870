import Glibc
import Linux
import TestSupport
import Testing

/// Two connected sockets: the test controls one end, and the other belongs to the object under test.
final class Wire {
  private let near: Int32
  /// Its new owner closes it.
  let far: Int32
  /// An object that must live as long as this one.
  private let owner: AnyObject?
  private var unread: [UInt8] = []
  private var isClosed = false

  init(owner: AnyObject? = nil) throws {
    self.owner = owner
    var ends: [Int32] = [0, 0]
    // Programs that other tests start must not inherit these sockets.
    let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    guard unsafe socketpair(AF_UNIX, type, 0, &ends) == 0 else {
      throw SystemCallError.last("socketpair")
    }
    near = ends[0]
    far = ends[1]
    limitPatience()
  }

  /// A TCP connection to a loopback port; there is no far end.
  init(port: UInt16) throws {
    near = try StreamSocket.connect(
      host: "127.0.0.1", port: port, until: Instant.monotonicNow() + 10_000_000_000
    ).descriptor
    far = -1
    owner = nil
    let flags = fcntl(near, F_GETFL)
    _ = fcntl(near, F_SETFL, flags & ~O_NONBLOCK)
    limitPatience()
  }

  /// The server side of the next connection to a port; there is no far end.
  init(accepting listener: ListeningSocket) throws {
    var file = pollfd(fd: listener.descriptor, events: Int16(POLLIN), revents: 0)
    _ = unsafe poll(&file, 1, 30_000)
    near = accept(listener.descriptor, nil, nil)
    far = -1
    owner = nil
    guard near >= 0 else { throw SystemCallError.last("accept") }
    _ = fcntl(near, F_SETFD, FD_CLOEXEC)
    limitPatience()
  }

  /// A peer that never answers fails the test instead of hanging it.
  private func limitPatience() {
    var limit = timeval(tv_sec: 30, tv_usec: 0)
    let size = socklen_t(MemoryLayout<timeval>.size)
    _ = unsafe setsockopt(near, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
  }

  deinit { close() }

  func close() {
    if !isClosed { Glibc.close(near) }
    isClosed = true
  }

  /// Shuts down our sending side.
  func endSending() { shutdown(near, Int32(SHUT_WR)) }

  func send(_ bytes: [UInt8]) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes {
        unsafe Glibc.send(near, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { throw SystemCallError.last("send") }
      rest.removeFirst(count)
    }
  }

  func send(_ frame: Frame) throws { try send(frame.masked) }
  func send(_ text: String) throws { try send(Array(text.utf8)) }

  /// Sends as many bytes as the kernel accepts without blocking.
  func sendEagerly(_ bytes: some Collection<UInt8>) -> Int {
    var rest = Array(bytes)[...]
    while !rest.isEmpty {
      guard case .bytes(let count) = StreamSocket(near).send(rest) else { break }
      rest.removeFirst(count)
    }
    return bytes.count - rest.count
  }

  /// The next frame; `nil` at the end of the stream.
  func frame() throws -> Frame? {
    while true {
      if let frame = Frame.removeFirst(from: &unread) { return frame }
      guard let more = try receive() else { return nil }
      unread += more
    }
  }

  /// Waits for the next frame without blocking a thread of Swift's pool.
  func laterFrame() async throws -> Frame? {
    try await eventually { hasArrived }
    return try frame()
  }

  /// The headers of an HTTP response.
  func head() throws -> String {
    var head: [UInt8] = []
    while !head.suffix(4).elementsEqual("\r\n\r\n".utf8) {
      if unread.isEmpty {
        guard let more = try receive() else { break }
        unread = more
      }
      head.append(unread.removeFirst())
    }
    return String(decoding: head, as: UTF8.self)
  }

  /// Reads until the end of the stream.
  func rest() throws -> [UInt8] {
    while let more = try receive() { unread += more }
    defer { unread = [] }
    return unread
  }

  /// Whether data or the end of the stream can be read without blocking.
  var hasArrived: Bool {
    var file = pollfd(fd: near, events: Int16(POLLIN), revents: 0)
    return unsafe !unread.isEmpty || poll(&file, 1, 0) > 0
  }

  /// Reads once; `nil` at the end of the stream or after a reset.
  func receive() throws -> [UInt8]? {
    var chunk = [UInt8](repeating: 0, count: 65_536)
    let count = unsafe recv(near, &chunk, chunk.count, 0)
    if count < 0 && errno != ECONNRESET { throw SystemCallError.last("recv") }
    return count <= 0 ? nil : Array(chunk.prefix(count))
  }
}
