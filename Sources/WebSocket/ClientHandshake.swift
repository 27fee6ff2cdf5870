/// The client side of the opening handshake: it writes the request and checks the response.
///
/// See RFC 6455 section 4.1.
struct ClientHandshake {
  private let key: String

  init(key: String = HandshakeKey.make()) {
    self.key = key
  }

  /// The upgrade request.
  ///
  /// - Parameter fields: Control characters in values become spaces, since a line break would end the field.
  func request(_ url: WebSocketURL, _ fields: [HTTPField]) -> [UInt8] {
    var text = "GET \(url.target) HTTP/1.1\r\n"
    let own = [
      HTTPField("Host", url.authority), HTTPField("Upgrade", "websocket"),
      HTTPField("Connection", "Upgrade"), HTTPField("Sec-WebSocket-Version", "13"),
      HTTPField("Sec-WebSocket-Key", key),
    ]
    for field in own + fields { text += "\(field.name): \(field.value.sanitized)\r\n" }
    return Array((text + "\r\n").utf8)
  }

  /// The end of the response's head, including the empty line; `nil` if it has not arrived.
  static func end(of bytes: [UInt8]) -> Int? {
    let mark: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A]
    guard bytes.count >= mark.count else { return nil }
    return (mark.count...bytes.count).first { bytes[($0 - mark.count)..<$0] == mark[...] }
  }

  /// Checks a response.
  ///
  /// - Parameters:
  ///   - head: The status line and the headers.
  ///   - body: The bytes after the head so far.
  func check(_ head: some Sequence<UInt8>, body: some Sequence<UInt8>) throws(WebSocketClientError)
  {
    let lines = String(decoding: Array(head), as: UTF8.self).split(separator: "\r\n")
    let words = (lines.first ?? "").split(separator: " ", maxSplits: 2)
    guard words.count >= 2, words[0] == "HTTP/1.1", words[1].utf8.count == 3,
      let status = Int(words[1])
    else { throw .notWebSocket("the response is not HTTP/1.1") }
    guard status == 101 else { throw .refused(status: status, body: Array(body)) }
    let values = { (name: String) in Self.values(of: name, in: lines) }
    guard values("upgrade").hasToken("websocket"), values("connection").hasToken("upgrade") else {
      throw .notWebSocket("the response does not upgrade to WebSocket")
    }
    guard values("sec-websocket-accept") == [HandshakeKey.accept(key)] else {
      throw .notWebSocket("the response does not match our key")
    }
    guard values("sec-websocket-extensions").isEmpty, values("sec-websocket-protocol").isEmpty
    else {
      throw .notWebSocket("the response has an extension or subprotocol that was not requested")
    }
  }

  /// The announced size of a response's body in bytes; 0 for one that is chunked or ends with the connection.
  static func bodyLength(_ head: some Sequence<UInt8>) -> Int {
    let lines = String(decoding: Array(head), as: UTF8.self).split(separator: "\r\n")
    return max(0, values(of: "content-length", in: lines).first.flatMap { Int($0) } ?? 0)
  }

  /// - Parameter name: The header's name in lower case.
  private static func values(of name: String, in lines: [Substring]) -> [String] {
    lines.dropFirst().compactMap { line in
      guard let colon = line.firstIndex(of: ":"), line[..<colon].lowercased() == name else {
        return nil
      }
      return line[line.index(after: colon)...].trimmed
    }
  }
}

extension String {
  fileprivate var sanitized: String {
    String(decoding: utf8.map { $0 < 0x20 || $0 == 0x7F ? 0x20 : $0 }, as: UTF8.self)
  }
}
