import TestSupport
import Testing

@testable import MicroHTTPD

@Suite("Blanks around header values", .timeLimit(.minutes(1)))
struct FieldValueTests {
  /// Returns the value of the header X, read in every possible way.
  private func server() throws -> Server {
    try Server(handler: { request in
      Server.text("[\(request.header("X") ?? "-")] \(request.headers("x"))")
    })
  }

  @Test(
    "Blanks are not part of the value",
    arguments: [
      ("a", "a"), (" a ", "a"), ("\ta\t", "a"), ("a \t \t", "a"), ("a b\t", "a b"), ("  ", ""),
      ("", ""),
      ("\"a \" ", "\"a \""),
    ])
  func trimmed(padded: String, value: String) throws {
    let server = try server()
    let client = try server.client()
    try client.ask("/", headers: ["X:\(padded)"])
    #expect(try client.answer().body == "[\(value)] [\"\(value.replacing("\"", with: "\\\""))\"]")
    let request = Request(target: try RequestTarget("/"), headers: [.init("X", padded)])
    #expect(request.header("x") == value)
    #expect(request.headers("x") == [value])
  }

  @Test("Cookies are available unchanged, though libmicrohttpd does not parse them")
  func cookies() throws {
    let server = try Server(handler: { request in
      Server.text("\(request.header("Cookie") ?? "-") \(request.headers("COOKIE"))")
    })
    let client = try server.client()
    for (headers, text) in [
      ([], "- []"), (["Cookie: a=b "], "a=b [\"a=b\"]"),
      (["cookie: a=b; c=d", "Cookie: "], "a=b; c=d [\"a=b; c=d\", \"\"]"),
    ] {
      try client.ask("/", headers: headers)
      #expect(try client.answer().body == text)
    }
  }

  @Test("Blanks around a host are ignored")
  func host() throws {
    let server = try Server(configure: { $0.allowsHost = { $0 == "localhost" } })
    let client = try server.client()
    try client.send("GET /a HTTP/1.1\r\nHost: localhost \t\r\n\r\n")
    #expect(try client.answer().body == "GET /a")
  }

  @Test(
    "A Transfer-Encoding with blanks is accepted; its request is the last on the connection",
    arguments: ["chunked ", "chunked\t", "CHUNKED \t "])
  func chunked(encoding: String) throws {
    let server = try server()
    let client = try server.client()
    try client.send(
      "POST / HTTP/1.1\r\nHost: a\r\nX: y\r\nTransfer-Encoding: \(encoding)\r\n\r\n0\r\n\r\n")
    try client.ask("/smuggled")
    let answer = try client.answer()
    #expect(answer.body == "[y] [\"y\"]")
    #expect(answer.headers["connection"] == "close")
    #expect(try client.rest() == "")
    #expect(server.daemon.requestCount == 1)
  }

  @Test(
    "A Content-Length with blanks is accepted; its request is the last on the connection",
    arguments: [("GET", "0 ", ""), ("POST", "5\t", "hello"), ("DELETE", "0 \t", "")])
  func length(method: String, length: String, body: String) async throws {
    let server = try Server()
    let client = try server.client()
    try client.send(
      "\(method) /a?b HTTP/1.1\r\nHost: a\r\nContent-Length: \(length)\r\nX: y\r\n\r\n\(body)")
    try client.ask("/smuggled")
    let answer = try await client.laterAnswer()
    #expect(answer.status == 200)
    #expect(answer.body == "\(method) /a")
    #expect(answer.headers["connection"] == "close")
    #expect(try await client.laterRest() == "")
    try await eventually { server.daemon.connectionCount == 0 }
  }

  @Test("HEAD with such a Content-Length gets a length but no body")
  func lengthOfHead() async throws {
    let server = try Server()
    let client = try server.client()
    try client.ask("/a", method: "HEAD", headers: ["Content-Length: 0 "])
    let answer = try await client.laterAnswer(hasBody: false)
    #expect(answer.headers["content-length"] == "7")
    #expect(try await client.laterRest() == "")
  }

  @Test(
    "A later reply works with such a Content-Length, even if larger than the kernel's buffer"
  )
  func laterWithLength() async throws {
    let text = String(repeating: "0123456789", count: 1_000_000)
    let server = try Server(handler: { _ in
      .later {
        await Task.yield()
        return Server.text(text)
      }
    })
    let client = try server.client()
    try client.ask("/", headers: ["Content-Length: 0 "])
    #expect(try await client.laterAnswer().body == text)
  }

  @Test("Headers may arrive in pieces, interleaved with those of other clients")
  func pieces() async throws {
    let server = try Server(configure: { $0.threads = 2 })
    let clients = try (0..<8).map { _ in try server.client() }
    for client in clients { try client.send("GET /x HTTP/1.1\r\nHost: a\r\nContent-Le") }
    for client in clients { try client.send("ngth: 0 \r\n") }
    for client in clients.reversed() {
      try client.send("\r\n")
      #expect(try await client.laterAnswer().body == "GET /x")
    }
  }
}
