import Linux
import TLS
import TLSTestServer
import Testing

@testable import WebSocket

/// `wss://` against a server with our own frames over GnuTLS.
@Suite("Secure WebSocket client", .timeLimit(.minutes(1)))
struct SecureClientTests {
  /// Performs the handshake and echoes all messages.
  private func server(
    _ certificate: TLSTestServer.Certificate = .localhost, address: String = "127.0.0.1"
  ) throws -> TLSTestServer {
    try TLSTestServer(certificate, address: address) { connection in
      var head: [UInt8] = []
      while ClientHandshake.end(of: head) == nil {
        guard let bytes = connection.read() else { return }
        head += bytes
      }
      let lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n")
      let mark = "Sec-WebSocket-Key: "
      let key = lines.first { $0.hasPrefix(mark) }?.dropFirst(mark.count) ?? ""
      connection.write(
        Array(
          """
          HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
          Sec-WebSocket-Accept: \(HandshakeKey.accept(String(key)))\r\n\r\n
          """.utf8))
      let framing = Framing(.server, WebSocketLimits())
      while !framing.isOver, let bytes = connection.read() {
        var rest = bytes[...]
        while !rest.isEmpty && framing.wantsInput {
          rest = rest.dropFirst(framing.receive(rest) { framing.send($0) })
          var output: [UInt8] = []
          framing.takeOutput(into: &output, upTo: .max)
          if !output.isEmpty { connection.write(output) }
        }
      }
      connection.endSending()
    }
  }

  private func connect(
    _ server: TLSTestServer, host: String = "localhost",
    trust: Trust = .file(TLSTestServer.authority)
  ) throws -> WebSocketClient {
    try WebSocketClient.connect(
      WebSocketURL("wss://\(host):\(server.port)/"), trust: trust, timeout: .seconds(30))
  }

  @Test(
    "Messages, even long ones, are echoed over TLS",
    arguments: [("localhost", "127.0.0.1"), ("127.0.0.1", "127.0.0.1"), ("[::1]", "::1")])
  func echo(host: String, address: String) throws {
    let client = try connect(server(address: address), host: host)
    let texts = ["one", String(repeating: "long ", count: 12_000), "", "last"]
    for text in texts { #expect(client.send(Array(text.utf8))) }
    var heard: [String] = []
    let closure = client.run { text in
      heard.append(String(decoding: text, as: UTF8.self))
      if heard.count == texts.count { client.close(reason: "done") }
    }
    #expect(heard == texts)
    #expect(closure == WebSocketClosure(cause: .us, code: 1000, reason: "done"))
  }

  @Test("A server with an untrusted certificate gets no request, and the error has the reason")
  func untrusted() throws {
    for (server, trust) in [
      (try server(.other), Trust.file(TLSTestServer.authority)),
      (try server(.expired), .file(TLSTestServer.authority)),
      (try server(), .file(TLSTestServer.otherAuthority)),
      (try server(), .system),
    ] {
      let error = #expect(throws: WebSocketClientError.self) {
        try connect(server, trust: trust)
      }
      guard case .untrusted(let reason) = error else {
        Issue.record("\(String(describing: error))")
        continue
      }
      #expect(!reason.isEmpty)
    }
  }

  @Test("A certificate for other addresses is not trusted")
  func wrongAddress() throws {
    let error = #expect(throws: WebSocketClientError.self) {
      try connect(server(.other, address: "::1"), host: "[::1]")
    }
    #expect("\(try #require(error))".contains("It is not for ::1."))
  }

  @Test("A missing certificate file and a server without TLS are not trust errors")
  func insecure() throws {
    let missing = #expect(throws: WebSocketClientError.self) {
      try connect(server(), trust: .file("/nowhere.pem"))
    }
    guard case .insecure(let reason) = missing else {
      Issue.record("\(String(describing: missing))")
      return
    }
    #expect(reason.hasPrefix("/nowhere.pem: "))
    let plain = try EchoServer()
    let error = #expect(throws: WebSocketClientError.self) {
      try WebSocketClient.connect(
        WebSocketURL("wss://127.0.0.1:\(plain.port)/"),
        trust: .file(TLSTestServer.authority), timeout: .seconds(30))
    }
    guard case .insecure = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }
}
