/// The client's part of the opening handshake, in texts.
///
/// See RFC 6455 section 4.1.
struct ClientHandshake {
  private let key: String

  init(key: String = HandshakeKey.make()) {
    self.key = key
  }

  /// What asks for the WebSocket.
  ///
  /// - Parameter fields: Control characters in a value become spaces, since a line break would end the line.
  func request(_ url: WebSocketURL, _ fields: [HTTPField]) -> [UInt8] {
    var text = "GET \(url.target) HTTP/1.1\r\n"
    let own = [
      HTTPField("Host", url.authority), HTTPField("Upgrade", "websocket"),
      HTTPField("Connection", "Upgrade"), HTTPField("Sec-WebSocket-Version", "13"),
      HTTPField("Sec-WebSocket-Key", key),
    ]
    for field in own + fields { text += "\(field.name): \(field.value.harmless)\r\n" }
    return Array((text + "\r\n").utf8)
  }

  /// Where the headers of an answer end, the empty line included; `nil` when that has not come yet.
  static func end(of bytes: [UInt8]) -> Int? {
    let mark: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A]
    guard bytes.count >= mark.count else { return nil }
    return (mark.count...bytes.count).first { bytes[($0 - mark.count)..<$0] == mark[...] }
  }

  /// Looks at an answer.
  ///
  /// - Parameters:
  ///   - head: Status line and headers.
  ///   - body: What came behind them so far.
  func check(_ head: some Sequence<UInt8>, body: some Sequence<UInt8>) throws(WebSocketClientError)
  {
    let lines = String(decoding: Array(head), as: UTF8.self).split(separator: "\r\n")
    let words = (lines.first ?? "").split(separator: " ", maxSplits: 2)
    guard words.count >= 2, words[0] == "HTTP/1.1", words[1].utf8.count == 3,
      let status = Int(words[1])
    else { throw .notWebSocket("the answer is not HTTP/1.1") }
    guard status == 101 else { throw .refused(status: status, body: Array(body)) }
    let values = { (name: String) in Self.values(of: name, in: lines) }
    guard values("upgrade").hasToken("websocket"), values("connection").hasToken("upgrade") else {
      throw .notWebSocket("the answer does not change to WebSocket")
    }
    guard values("sec-websocket-accept") == [HandshakeKey.accept(key)] else {
      throw .notWebSocket("the answer is not to our key")
    }
    guard values("sec-websocket-extensions").isEmpty, values("sec-websocket-protocol").isEmpty
    else { throw .notWebSocket("the answer has what was not asked for") }
  }

  /// How many bytes of body an answer announces; one that comes in chunks or ends with the connection announces none.
  static func bodyLength(_ head: some Sequence<UInt8>) -> Int {
    let lines = String(decoding: Array(head), as: UTF8.self).split(separator: "\r\n")
    return max(0, values(of: "content-length", in: lines).first.flatMap { Int($0) } ?? 0)
  }

  /// - Parameter name: In lower case.
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
  fileprivate var harmless: String {
    String(decoding: utf8.map { $0 < 0x20 || $0 == 0x7F ? 0x20 : $0 }, as: UTF8.self)
  }
}
