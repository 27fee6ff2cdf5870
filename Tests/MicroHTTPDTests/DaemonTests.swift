import Linux
import TestSupport
import Testing

@testable import MicroHTTPD

@Suite("Daemon", .timeLimit(.minutes(1)))
struct DaemonTests {
  // MARK: - Answers

  @Test("A request on the selected port is answered")
  func answers() throws {
    let server = try Server()
    let client = try server.client()
    try client.ask("/hello")
    let answer = try client.answer()
    #expect(answer.status == 200)
    #expect(answer.body == "GET /hello")
    #expect(answer.headers["content-type"] == "text/plain")
    #expect(answer.headers["content-length"] == "10")
    #expect(answer.headers["connection"] == nil)
  }

  @Test("The handler sees the decoded target and the headers")
  func request() throws {
    let server = try Server(handler: { request in
      let query = request.target.query.map { "\($0.name)=\($0.value)" }.joined(separator: ";")
      let headers = ["x-TEST", "Y"].map { name in request.header(name) ?? "-" }
      return Server.text("\(request.path) \(query) \(headers[0]) \(headers[1])")
    })
    let client = try server.client()
    try client.ask("/a%20b+c?d=e+f&g=%26", headers: ["X-Test: first", "X-Test: second"])
    #expect(try client.answer().body == "/a b+c d=e f;g=& first -")
  }

  @Test("HEAD has the length of the body but no body, and the connection stays open")
  func head() throws {
    let server = try Server()
    let client = try server.client()
    try client.ask("/a", method: "HEAD")
    let head = try client.answer(hasBody: false)
    #expect(head.headers["content-length"] == "7")
    try client.ask("/b")
    #expect(try client.answer().body == "GET /b")
  }

  @Test("A reply with another status keeps its headers; a 304 sends no body")
  func otherStatus() throws {
    let server = try Server(handler: { request in
      Reply(Server.text("whole").response, status: request.path == "/304" ? 304 : 203)
    })
    let client = try server.client()
    try client.ask("/304")
    let answer = try client.answer(hasBody: false)
    #expect(answer.status == 304)
    #expect(answer.headers["content-type"] == "text/plain")
    try client.ask("/203")
    let next = try client.answer()
    #expect(next.status == 203)
    #expect(next.body == "whole")
  }

  @Test("A prepared response can be sent repeatedly")
  func preparedOnce() throws {
    let reply = Server.text(String(repeating: "x", count: 200_000))
    let server = try Server(handler: { _ in reply })
    for _ in 0..<5 {
      let client = try server.client()
      for _ in 0..<3 {
        try client.ask("/")
        #expect(try client.answer().body.utf8.count == 200_000)
      }
    }
  }

  // MARK: - Connections

  @Test("A connection stays open, and each of its requests is counted")
  func keepAlive() throws {
    let server = try Server()
    let client = try server.client()
    for path in ["/one", "/two", "/two"] {
      try client.ask(path)
      #expect(try client.answer().body == "GET \(path)")
    }
    #expect(server.daemon.connectionCount == 1)
    #expect(server.daemon.requestCount == 3)
  }

  @Test("Pipelined requests are answered in order")
  func pipelined() throws {
    let server = try Server()
    let client = try server.client()
    for number in 0..<10 { try client.ask("/\(number)") }
    for number in 0..<10 { #expect(try client.answer().body == "GET /\(number)") }
  }

  @Test("The connection is closed after the answer if the client asks for it")
  func clientCloses() throws {
    let server = try Server()
    let client = try server.client()
    try client.ask("/", headers: ["Connection: close"])
    #expect(try client.rest().hasSuffix("\r\n\r\nGET /"))
  }

  @Test("A request of HTTP/1.0 without Host is answered and the connection closed")
  func oldVersion() throws {
    let server = try Server()
    let client = try server.client()
    try client.send("GET /old HTTP/1.0\r\n\r\n")
    #expect(try client.rest().hasSuffix("\r\n\r\nGET /old"))
  }

  // MARK: - Start and stop

  @Test("Stopping closes open connections and the port, and may be repeated")
  func stop() throws {
    let server = try Server()
    let client = try server.client()
    try client.ask("/")
    #expect(try client.answer().status == 200)
    server.daemon.stop()
    server.daemon.stop()
    #expect(try client.rest() == "")
    #expect(throws: Client.Trouble.self) { try server.client() }
  }

  @Test("A stopped daemon still reports its counts")
  func countsAfterStop() throws {
    let server = try Server()
    let client = try server.client()
    try client.ask("/")
    #expect(try client.answer().status == 200)
    server.daemon.stop()
    #expect(server.daemon.requestCount == 1)
    #expect(server.daemon.connectionCount == 0)
  }

  @Test("Two hundred starts and stops leak no file and no thread")
  func leaksNothing() async {
    // This needs its own process, where no other test opens files.
    await #expect(processExitsWith: .success) {
      func serveOnce() throws {
        let server = try Server()
        let client = try server.client()
        try client.ask("/")
        #expect(try client.answer().status == 200)
        server.daemon.stop()
      }
      func threads() throws -> Int { try Files.names(in: "/proc/self/task").count }
      try await OpenFiles.warmUp()
      try serveOnce()
      let before = try (OpenFiles.count(), threads())
      for _ in 0..<200 { try serveOnce() }
      let after = try (OpenFiles.count(), threads())
      #expect(after == before)
    }
  }
}
