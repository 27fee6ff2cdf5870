import Glibc
import TestSupport
import Testing

@testable import MicroHTTPD

/// A client connection that sends arbitrary bytes and closes on deinit.
final class Client {
  private let descriptor: Int32
  private var unread: [UInt8] = []

  /// - Parameters:
  ///   - receiveBuffer: The size of the receive buffer in bytes; `nil` leaves it to the kernel.
  ///   - address: The last number of the client's own address, `127.0.0.n`.
  init(port: UInt16, receiveBuffer: Int32? = nil, address last: UInt32 = 1) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    if var receiveBuffer {
      let size = socklen_t(MemoryLayout<Int32>.size)
      _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, size)
    }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = (UInt32(0x7F00_0000) + last).bigEndian
    var status = unsafe use(address, in: { unsafe bind(descriptor, $0, $1) })
    guard status == 0 else { throw Trouble(what: "bind", code: errno) }
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    status = unsafe use(address, in: { unsafe connect(descriptor, $0, $1) })
    guard status == 0 else { throw Trouble(what: "connect", code: errno) }
    // A server that never answers fails the test instead of hanging it.
    var limit = timeval(tv_sec: 30, tv_usec: 0)
    let size = socklen_t(MemoryLayout<timeval>.size)
    _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
  }

  deinit { close(descriptor) }

  /// Shows an address to a function that takes those of all families.
  private func use(
    _ address: sockaddr_in, in call: (UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) -> Int32 {
    unsafe withUnsafeBytes(of: address) { bytes in
      guard let base = bytes.baseAddress else { return -1 }
      return unsafe call(base.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
    }
  }

  func send(_ text: String) throws {
    let bytes = Array(text.utf8)
    guard unsafe Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    else { throw Trouble(what: "send", code: errno) }
  }

  /// Shuts down the sending side; the client keeps reading.
  func endSending() { _ = shutdown(descriptor, Int32(SHUT_WR)) }

  /// Resets the connection, which the server notices at once.
  func reset() {
    var linger = linger(l_onoff: 1, l_linger: 0)
    let size = socklen_t(MemoryLayout<Glibc.linger>.size)
    _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, size)
    var address = sockaddr()
    address.sa_family = sa_family_t(AF_UNSPEC)
    // connect(2): this dissolves the association, which resets the connection.
    _ = unsafe connect(descriptor, &address, socklen_t(MemoryLayout<sockaddr>.size))
  }

  /// Sends a GET, or another method, and keeps the connection.
  func ask(_ target: String, method: String = "GET", headers: [String] = []) throws {
    let lines = ["\(method) \(target) HTTP/1.1", "Host: localhost"] + headers
    try send(lines.joined(separator: "\r\n") + "\r\n\r\n")
  }

  /// The next answer.
  ///
  /// `hasBody` is false for the answer to HEAD and for a 304.
  func answer(hasBody: Bool = true) throws -> Answer {
    var head: [UInt8] = []
    while !head.suffix(4).elementsEqual("\r\n\r\n".utf8) { head += try readExactly(1) }
    var answer = try Answer(head: String(decoding: head, as: UTF8.self))
    let length = answer.headers["content-length"].flatMap { Int($0) } ?? 0
    if hasBody { answer.body = String(decoding: try readExactly(length), as: UTF8.self) }
    return answer
  }

  /// The next chunk of a chunked body; empty at its end.
  func chunk() throws -> String {
    var line: [UInt8] = []
    while !line.suffix(2).elementsEqual("\r\n".utf8) { line += try readExactly(1) }
    let size = try #require(Int(String(decoding: line.dropLast(2), as: UTF8.self), radix: 16))
    let text = String(decoding: try readExactly(size), as: UTF8.self)
    try #require(try readExactly(2).elementsEqual("\r\n".utf8))
    return text
  }

  /// The chunks up to the one that ends with a text.
  func stream(until end: String) throws -> String {
    var text = ""
    while !text.hasSuffix(end) {
      let chunk = try chunk()
      guard !chunk.isEmpty else { throw Trouble(what: "the stream ended early", code: 0) }
      text += chunk
    }
    return text
  }

  /// Waits for an answer without blocking a thread of Swift's pool.
  func laterAnswer(hasBody: Bool = true) async throws -> Answer {
    try await eventually { try readAvailable() || isAnswerComplete(hasBody: hasBody) }
    return try answer(hasBody: hasBody)
  }

  /// Reads until the server closes the connection, without blocking a thread of Swift's pool.
  func laterRest() async throws -> String {
    try await eventually { try readAvailable() }
    return try rest()
  }

  /// Reads available bytes without blocking; true at the end of the stream.
  private func readAvailable() throws -> Bool {
    var chunk = [UInt8](repeating: 0, count: 256 << 10)
    while true {
      let count = unsafe recv(descriptor, &chunk, chunk.count, Int32(MSG_DONTWAIT))
      if count > 0 { unread += chunk[..<count] } else { return count == 0 || errno != EAGAIN }
    }
  }

  private func isAnswerComplete(hasBody: Bool) throws -> Bool {
    let start = String(decoding: unread.prefix(16_384), as: UTF8.self)
    guard let end = start.firstRange(of: "\r\n\r\n") else { return false }
    let head = start[..<end.upperBound]
    let length = try Answer(head: String(head)).headers["content-length"].flatMap { Int($0) } ?? 0
    return !hasBody || unread.count >= head.utf8.count + length
  }

  /// Whether data or the end of the stream can be read without blocking.
  var hasArrived: Bool {
    var file = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return unsafe !unread.isEmpty || poll(&file, 1, 0) > 0
  }

  /// Reads until the server closes the connection.
  func rest() throws -> String {
    var bytes = unread
    unread = []
    while let more = try receive() { bytes += more }
    return String(decoding: bytes, as: UTF8.self)
  }

  private func readExactly(_ count: Int) throws -> [UInt8] {
    while unread.count < count {
      guard let more = try receive() else {
        throw Trouble(what: "the connection ended early", code: 0)
      }
      unread += more
    }
    defer { unread.removeFirst(count) }
    return Array(unread.prefix(count))
  }

  /// Reads once; `nil` at the end of the stream or after a reset.
  private func receive() throws -> [UInt8]? {
    var chunk = [UInt8](repeating: 0, count: 16_384)
    let count = unsafe recv(descriptor, &chunk, chunk.count, 0)
    if count < 0 && errno != ECONNRESET { throw Trouble(what: "recv", code: errno) }
    return count <= 0 ? nil : Array(chunk.prefix(count))
  }

  struct Trouble: Error {
    let what: String
    let code: Int32
  }

  /// A parsed answer.
  struct Answer {
    let status: Int
    /// The headers by lower-case name.
    let headers: [String: String]
    var body = ""

    init(head: String) throws {
      let lines = head.split(separator: "\r\n")
      let words = try #require(lines.first).split(separator: " ")
      try #require(words.count >= 2 && words[0] == "HTTP/1.1")
      status = try #require(Int(words[1]))
      headers = Dictionary(
        lines.dropFirst().compactMap { line in
          line.firstRange(of: ": ").map {
            (line[..<$0.lowerBound].lowercased(), String(line[$0.upperBound...]))
          }
        },
        uniquingKeysWith: { "\($0), \($1)" })
    }
  }
}
