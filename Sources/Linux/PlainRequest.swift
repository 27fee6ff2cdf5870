import Glibc

/// Sends a single HTTP GET over TCP, which is enough to query the health of our own server.
///
/// An HTTP library would be the usual choice, but linking libcurl would cost every running server about 3 MB.
public enum PlainRequest {
  /// The status code and body of an answer.
  public struct Answer: Sendable, Equatable {
    public var status: Int
    public var body: String
  }

  /// Sends the request and reads until the server closes the connection, up to 1 MiB.
  ///
  /// - Parameters:
  ///   - host: An address or a name.
  ///   - seconds: The timeout of each step; the call then fails with `EAGAIN`.
  /// - Returns: `nil` if the answer is not HTTP.
  public static func get(host: String, port: UInt16, path: String, seconds: Int = 5)
    throws(SystemCallError) -> Answer?
  {
    let subject = AddressLookup.authority(host, port)
    let unknown = SystemCallError(call: "getaddrinfo", subject: subject, code: EADDRNOTAVAIL)
    let descriptor = try unsafe AddressLookup.withFirst(of: host, port: port, orThrow: unknown) {
      (address) throws(SystemCallError) in
      try unsafe connect(to: address, seconds: seconds, subject: subject)
    }
    defer { close(descriptor) }
    let text = "GET \(path) HTTP/1.1\r\nHost: \(subject)\r\nConnection: close\r\n\r\n"
    let request = Array(text.utf8)
    guard unsafe send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count
    else { throw .last("send", subject) }

    var answer: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while answer.count < 1 << 20 {
      let count = unsafe recv(descriptor, &chunk, chunk.count, 0)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw .last("recv", subject) }
      if count == 0 { break }
      answer += chunk[..<count]
    }
    return parse(String(decoding: answer, as: UTF8.self))
  }

  /// Parses an answer; `nil` if it ends before the end of its headers.
  static func parse(_ text: String) -> Answer? {
    // In Swift "\r\n" is a single character.
    guard let end = text.firstRange(of: "\r\n\r\n"),
      let words = text.split(separator: "\r\n").first?.split(separator: " ", maxSplits: 2),
      words.count >= 2, words[0].hasPrefix("HTTP/1."), let status = Int(words[1])
    else { return nil }
    return Answer(status: status, body: String(text[end.upperBound...]))
  }

  private static func connect(to address: addrinfo, seconds: Int, subject: String)
    throws(SystemCallError) -> Int32
  {
    let type = unsafe address.ai_socktype | Int32(SOCK_CLOEXEC.rawValue)
    let descriptor = unsafe socket(address.ai_family, type, 0)
    guard descriptor >= 0 else { throw .last("socket", subject) }
    var limit = timeval(tv_sec: seconds, tv_usec: 0)
    let size = socklen_t(MemoryLayout<timeval>.size)
    _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
    _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
    guard unsafe Glibc.connect(descriptor, address.ai_addr, address.ai_addrlen) == 0 else {
      let error = SystemCallError.last("connect", subject)
      close(descriptor)
      throw error
    }
    return descriptor
  }
}
