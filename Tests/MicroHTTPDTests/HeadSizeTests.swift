import Testing

@testable import MicroHTTPD

@Suite("Head size", .timeLimit(.minutes(1)))
struct HeadSizeTests {
  private static let memory = 20 << 10
  /// The memory left for a head, minus 64 bytes for each header: Host, X or Cookie, and the one that we add.
  private static let most = memory - 3_072 - 3 * 64

  private func server() throws -> Server {
    try Server(configure: { $0.connectionMemory = Self.memory })
  }

  /// A request whose head has exactly this many bytes.
  private func request(_ start: String, _ header: String, bytes: Int) -> String {
    let frame = "\(start)\r\nHost: a\r\n\(header)\r\n\r\n"
    return frame.replacing("*", with: String(repeating: "x", count: bytes - frame.utf8.count + 1))
  }

  @Test(
    "A head at the limit is answered, and one byte more gets a single refusal",
    arguments: [
      ("GET / HTTP/1.1", "X: *", 431), ("GET / HTTP/1.1", "Cookie: a=*", 431),
      ("GET / HTTP/1.1", "Authorization: Negotiate *", 431), ("GET /* HTTP/1.1", "X: y", 414),
      ("GET /?* HTTP/1.1", "X: y", 414), ("HEAD / HTTP/1.1", "X: *", 431),
    ])
  func limit(start: String, header: String, status: Int) throws {
    let server = try server()
    let isHead = start.hasPrefix("HEAD")
    let client = try server.client()
    for _ in 0..<2 {
      try client.send(request(start, header, bytes: Self.most))
      #expect(try client.answer(hasBody: !isHead).status == 200)
    }
    try client.send(request(start, header, bytes: Self.most + 1))
    let answer = try client.answer(hasBody: !isHead)
    #expect(answer.status == status)
    #expect(answer.headers["connection"] == "close")
    #expect(try client.rest() == "")
    #expect(server.counts.now.refused[.headSize] == 1)
  }

  @Test("Every size gets one answer, even at the limit of the memory")
  func everySize() async throws {
    let server = try server()
    for header in ["X: *", "Cookie: a=*"] {
      for bytes in (Self.memory - 700)...(Self.memory + 300) where bytes % 3 == 0 {
        let client = try server.client()
        try client.send(request("GET / HTTP/1.1", header, bytes: bytes))
        // Another thread answers the last bytes.
        let answer = try await client.laterRest()
        #expect(answer.hasPrefix("HTTP/1.1 431 "), "\(header) of \(bytes) bytes")
        #expect(answer.ranges(of: "HTTP/1.1 ").count == 1, "\(header) of \(bytes) bytes")
      }
    }
  }

  @Test("Any number of cookies needs no memory besides their header")
  func cookies() throws {
    let server = try server()
    let client = try server.client()
    try client.ask("/", headers: ["Cookie: " + String(repeating: "a=b;", count: 4_000)])
    #expect(try client.answer().status == 200)
  }

  @Test("A query of thousands of parameters needs no memory besides the target")
  func parameters() throws {
    let server = try Server(handler: { Server.text("\($0.target.query.count)") })
    let client = try server.client()
    try client.ask("/?" + String(repeating: "a&", count: 8_000))
    #expect(try client.answer().body == "8000")
  }

  @Test("Headers whose records fill the memory get a single refusal")
  func manyHeaders() throws {
    let server = try server()
    for count in [250, 260, 280, 300, 320, 1_000] {
      let client = try server.client()
      try client.ask("/", headers: [String](repeating: "a: b", count: count))
      let answer = try client.rest()
      #expect(answer.hasPrefix("HTTP/1.1 431 "), "\(count) headers")
      #expect(answer.ranges(of: "HTTP/1.1 ").count == 1, "\(count) headers")
    }
  }

  @Test("Requests before an oversized head are answered")
  func pipelined() throws {
    let server = try server()
    let client = try server.client()
    try client.ask("/1")
    try client.ask("/2")
    try client.send(request("GET / HTTP/1.1", "Cookie: a=*", bytes: Self.most + 1))
    try client.ask("/3")
    #expect(try client.answer().body == "GET /1")
    #expect(try client.answer().body == "GET /2")
    #expect(try client.answer().status == 431)
    #expect(try client.rest() == "")
  }
}
