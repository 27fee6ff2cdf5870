import TestSupport
import Testing

@testable import MicroHTTPD

@Suite("Daemon refusals", .timeLimit(.minutes(1)))
struct DaemonRefusalTests {
  /// Lines after the request line, each followed by a request that must not be processed.
  static let smuggled = "GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n"

  @Test(
    "Ambiguous framing gets a single 400 and closes the connection",
    arguments: [
      "GET / HTTP/1.1\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: 5\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nX Y: a\r\n\r\n",
      "GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET /a/../b HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET * HTTP/1.1\r\nHost: a\r\n\r\n",
    ])
  func malformed(message: String) throws {
    let server = try Server(handler: { _ in Server.text("must not be reached") })
    let client = try server.client()
    try client.send(message + Self.smuggled)
    let answer = try client.answer()
    #expect(answer.status == 400)
    #expect(answer.headers["connection"] == "close")
    #expect(try client.rest() == "")
    #expect(server.daemon.requestCount == 1)
  }

  @Test(
    "A non-numeric Content-Length never reaches the handler", arguments: ["+5", "5, 5", "x"])
  func badLength(length: String) async throws {
    let server = try Server(handler: { _ in Server.text("must not be reached") })
    let client = try server.client()
    try client.send(
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(length)\r\n\r\nhello" + Self.smuggled)
    let answer = try await client.laterAnswer()
    #expect(answer.status == 400)
    #expect(answer.headers["connection"] == "close")
    #expect(try await client.laterRest() == "")
  }

  // MARK: - Hosts

  private func server() throws -> Server {
    try Server(configure: { $0.allowsHost = { $0 == "localhost" } })
  }

  @Test("A host that is not allowed is refused before the handler runs")
  func foreignHost() throws {
    let server = try server()
    let client = try server.client()
    try client.send("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n")
    let answer = try client.answer()
    #expect(answer.status == 421)
    #expect(answer.body == "not example.org")
    #expect(try client.rest() == "")
  }

  @Test("Each request is checked, even on a connection with an allowed host before")
  func hostChanges() throws {
    let server = try server()
    let client = try server.client()
    try client.ask("/")
    #expect(try client.answer().status == 200)
    try client.send("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n")
    #expect(try client.answer().status == 421)
  }

  @Test("The host of an absolute-form target is checked as well as the header")
  func absoluteForm() throws {
    let server = try server()
    let client = try server.client()
    try client.ask("http://localhost/a")
    #expect(try client.answer().body == "GET /a")
    try client.ask("http://example.org/a")
    #expect(try client.answer().body == "not example.org")
    let other = try server.client()
    try other.send("GET http://localhost/ HTTP/1.1\r\nHost: example.org\r\n\r\n")
    #expect(try other.answer().status == 421)
  }

  // MARK: - Sizes

  @Test(
    "A body up to the limit is read and discarded, and the connection stays open",
    arguments: [0, 1, 1_000])
  func bodyWithinLimit(count: Int) throws {
    let server = try Server(configure: { $0.bodyLimit = 1_000 })
    let client = try server.client()
    try client.ask("/a", method: "POST", headers: ["Content-Length: \(count)"])
    try client.send(String(repeating: "x", count: count))
    #expect(try client.answer().body == "POST /a")
    try client.ask("/b")
    #expect(try client.answer().body == "GET /b")
  }

  @Test("The limit applies to each body, not to all bodies of a connection")
  func limitOfEach() throws {
    let server = try Server(configure: { $0.bodyLimit = 1_000 })
    let client = try server.client()
    for _ in 0..<5 {
      try client.ask("/a", method: "POST", headers: ["Content-Length: 900"])
      try client.send(String(repeating: "x", count: 900))
      #expect(try client.answer().status == 200)
    }
  }

  @Test("A body announced as too long gets a 413 without a 100 Continue")
  func announcedBody() throws {
    let server = try Server(configure: { $0.bodyLimit = 1_000 })
    let client = try server.client()
    try client.ask("/", method: "POST", headers: ["Content-Length: 1001", "Expect: 100-continue"])
    let answer = try client.answer()
    #expect(answer.status == 413)
    #expect(answer.body == "more than 1000")
    #expect(answer.headers["connection"] == "close")
    #expect(try client.rest() == "")
  }

  @Test(
    "A body without a length gets one 413 beyond the limit, and the handler never sees its request",
    arguments: [4, 400, 40_000], ["GET", "HEAD"])
  func chunkedBody(chunks: Int, method: String) async throws {
    let server = try Server(configure: { $0.bodyLimit = 1_000 }) { _ in
      Server.text("must not be reached")
    }
    let client = try server.client()
    try client.ask("/", method: method, headers: ["Transfer-Encoding: chunked"])
    let chunk = "100\r\n" + String(repeating: "x", count: 256) + "\r\n"
    // The server stops reading at some time, which may break the connection while the client still sends.
    for _ in 0..<(chunks / 4) { try? client.send(String(repeating: chunk, count: 4)) }
    try? client.send("0\r\n\r\n" + Self.smuggled)
    let answer = try client.answer(hasBody: method != "HEAD")
    #expect(answer.status == 413)
    #expect(answer.body == (method == "HEAD" ? "" : "more than 1000"))
    #expect(answer.headers["connection"] == "close")
    #expect(try client.rest() == "")
    #expect(server.daemon.requestCount == 1)
    try await eventually { server.daemon.connectionCount == 0 }
  }

  @Test("Headers that exceed a connection's memory get a 431")
  func headersTooLarge() throws {
    let server = try Server(configure: { $0.connectionMemory = 4_096 })
    let client = try server.client()
    try client.ask("/", headers: ["X: " + String(repeating: "x", count: 5_000)])
    #expect(try client.rest().hasPrefix("HTTP/1.1 431 "))
    #expect(server.daemon.requestCount == 0)
  }

  @Test("Headers that fit a connection's memory are accepted")
  func headersFit() throws {
    let server = try Server(configure: { $0.connectionMemory = 16 << 10 })
    let client = try server.client()
    try client.ask("/", headers: ["X: " + String(repeating: "x", count: 12_000)])
    #expect(try client.answer().status == 200)
  }

  @Test("Stops during requests that libmicrohttpd refuses itself do not abort")
  func stopsAnywhere() async {
    // This needs its own process, since a crash would end all tests.
    await #expect(processExitsWith: .success) {
      for round in 0..<200 {
        let server = try Server()
        let clients = try (0..<8).map { _ in try server.client() }
        for client in clients { try client.send("GET / SPDY/1\r\nHost: a\r\n\r\n") }
        for _ in 0..<(round % 10) { await Task.yield() }
        server.daemon.stop()
        #expect(server.daemon.connectionCount == 0)
      }
    }
  }
}
