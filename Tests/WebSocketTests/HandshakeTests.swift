import Testing

@testable import WebSocket

@Suite("Server handshake")
struct ServerHandshakeTests {
  /// The sample in RFC 6455 section 1.2.
  private static let sample = [
    "upgrade": ["websocket"], "connection": ["Upgrade"],
    "sec-websocket-key": ["dGhlIHNhbXBsZSBub25jZQ=="], "sec-websocket-version": ["13"],
  ]

  private func accept(
    method: String = "GET", _ changes: [String: [String]] = [:]
  ) throws -> [HTTPField] {
    let headers = Self.sample.merging(changes) { $1 }
    return try ServerHandshake.accept(method: method) { headers[$0.lowercased()] ?? [] }
  }

  @Test("The sample key of the RFC gets the sample answer")
  func sampleKey() throws {
    let expected = [HTTPField("Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")]
    #expect(try accept() == expected)
  }

  @Test("Tokens may be in any case, in a list and in several fields")
  func tokens() throws {
    #expect(try accept(["upgrade": ["WebSocket"]]).count == 1)
    #expect(try accept(["connection": ["keep-alive, Upgrade"]]).count == 1)
    #expect(try accept(["connection": ["keep-alive", " UPGRADE "]]).count == 1)
  }

  @Test(
    "A request that is not a WebSocket upgrade of version 13 gets a 426 with the requirements",
    arguments: [
      ["upgrade": []], ["upgrade": ["h2c"]], ["sec-websocket-version": ["8"]],
      ["sec-websocket-version": []], ["sec-websocket-version": ["13", "8"]],
    ])
  func upgradeRequired(changes: [String: [String]]) {
    let refusal = #expect(throws: ServerHandshake.Refusal.self) { try accept(changes) }
    #expect(refusal?.status == 426)
    #expect(refusal?.fields.contains(HTTPField("Sec-WebSocket-Version", "13")) == true)
    #expect(refusal?.fields.contains(HTTPField("Upgrade", "websocket")) == true)
  }

  @Test(
    "A malformed request gets a 400",
    arguments: [
      ["connection": ["keep-alive"]], ["connection": []], ["sec-websocket-key": []],
      ["sec-websocket-key": ["dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jZQ=="]],
      ["sec-websocket-key": ["dGhlIHNhbXBsZQ=="]],
      ["sec-websocket-key": ["dGhlIHNhbXBsZSBub25jZXM="]],
      ["sec-websocket-key": ["dGhlIHNhbXBsZSBub25jZQ="]],
      ["sec-websocket-key": ["!!!!!!!!!!!!!!!!!!!!!!=="]],
      ["sec-websocket-key": [""]],
    ])
  func bad(changes: [String: [String]]) {
    let refusal = #expect(throws: ServerHandshake.Refusal.self) { try accept(changes) }
    #expect(refusal?.status == 400)
    #expect(refusal?.reason.isEmpty == false)
  }

  @Test("Another method gets a 400")
  func method() {
    let refusal = #expect(throws: ServerHandshake.Refusal.self) { try accept(method: "POST") }
    #expect(refusal?.status == 400)
  }
}

@Suite("Client handshake")
struct ClientHandshakeTests {
  private let handshake = ClientHandshake(key: "dGhlIHNhbXBsZSBub25jZQ==")
  private static let good = """
    HTTP/1.1 101 Switching Protocols\r\nupgrade: WebSocket\r\nConnection: keep-alive, upgrade\r\n\
    Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n
    """

  @Test("A request has the required headers, and header values cannot contain line breaks")
  func request() throws {
    let url = try WebSocketURL("ws://hub:8845/webservices/cpu/?a=b")
    let bytes = handshake.request(url, [HTTPField("Authorization", "Bearer x\r\nEvil: 1")])
    let lines = String(decoding: bytes, as: UTF8.self).split(
      separator: "\r\n", omittingEmptySubsequences: false)
    #expect(
      lines == [
        "GET /webservices/cpu/?a=b HTTP/1.1", "Host: hub:8845", "Upgrade: websocket",
        "Connection: Upgrade", "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Authorization: Bearer x  Evil: 1", "", "",
      ])
  }

  @Test("A correct response is accepted")
  func accepted() throws {
    try handshake.check(Self.good.utf8, body: [])
  }

  @Test(
    "An incorrect response is rejected",
    arguments: [
      good.replacing("s3pPL", with: "S3pPL"), good.replacing("Accept", with: "Reject"),
      good.replacing("WebSocket\r\n", with: "h2c\r\n"),
      good.replacing("keep-alive, upgrade", with: "close"),
      good.replacing("\r\n\r\n", with: "\r\nSec-WebSocket-Extensions: x\r\n\r\n"),
      good.replacing("\r\n\r\n", with: "\r\nSec-WebSocket-Protocol: x\r\n\r\n"),
      good.replacing("HTTP/1.1", with: "HTTP/1.0"), "SSH-2.0-OpenSSH_9.2\r\n\r\n", "\r\n\r\n",
    ])
  func refused(answer: String) {
    let error = #expect(throws: WebSocketClientError.self) {
      try handshake.check(answer.utf8, body: [])
    }
    guard case .notWebSocket = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test("Another status is reported with the body")
  func status() {
    #expect(throws: WebSocketClientError.refused(status: 401, body: [1, 2])) {
      try handshake.check("HTTP/1.1 401 Unauthorized\r\n\r\n".utf8, body: [1, 2])
    }
  }

  @Test("Keys are random and have 16 bytes")
  func keys() {
    let keys = Set((0..<100).map { _ in HandshakeKey.make() })
    #expect(keys.count == 100)
    #expect(keys.allSatisfy(HandshakeKey.isValid))
  }
}

@Suite("Secret")
struct SecretTests {
  @Test("Only the same bytes are equal")
  func equal() {
    let secret = Secret(Array("s3cret".utf8))
    #expect(secret.isEqual(to: Array("s3cret".utf8)))
    for guess in ["", "s", "s3creT", "S3cret", "s3cret ", "s3cre"] {
      #expect(!secret.isEqual(to: Array(guess.utf8)))
    }
    #expect(Secret([]).isEqual(to: []))
  }
}

@Suite("WebSocket URL")
struct WebSocketURLTests {
  @Test(
    "A URL is parsed into its parts and converted back",
    arguments: [
      ("ws://hub", false, "hub", UInt16(80), "/", "ws://hub/"),
      ("wss://hub", true, "hub", 443, "/", "wss://hub/"),
      ("WS://hub:8845/a/b?c=d:e", false, "hub", 8845, "/a/b?c=d:e", "ws://hub:8845/a/b?c=d:e"),
      ("wss://[::1]:8845/", true, "::1", 8845, "/", "wss://[::1]:8845/"),
      ("ws://[fe80::1]", false, "fe80::1", 80, "/", "ws://[fe80::1]/"),
      ("ws://127.0.0.1:80?x", false, "127.0.0.1", 80, "/?x", "ws://127.0.0.1/?x"),
    ])
  func parts(
    text: String, isSecure: Bool, host: String, port: UInt16, target: String, whole: String
  ) throws {
    let url = try WebSocketURL(text)
    #expect(url.isSecure == isSecure)
    #expect(url.host == host)
    #expect(url.port == port)
    #expect(url.target == target)
    #expect(url.description == whole)
  }

  @Test(
    "An invalid URL has a reason",
    arguments: [
      "", "hub:8845", "http://hub/", "ws:/hub", "ws://", "ws://:80/", "ws://hub:0/", "ws://hub:x/",
      "ws://hub:65536/", "ws://hub:-1/", "ws://hub:+1/", "ws://user:pw@hub/", "ws://hub/#part",
      "ws://hub#part", "ws://hub/a b", "ws://hub/\r\nEvil: 1", "ws://hüb/", "ws://[::1", "ws://[]/",
      "ws://[::1]x/",
    ])
  func malformed(text: String) {
    let error = #expect(throws: WebSocketURL.Malformed.self) { try WebSocketURL(text) }
    #expect(error?.description.isEmpty == false)
  }
}
