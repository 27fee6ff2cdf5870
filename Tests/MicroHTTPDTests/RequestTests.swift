import Testing

@testable import MicroHTTPD

@Suite("Request from a list")
struct RequestTests {
  @Test("The path is the target's, and the default method is GET")
  func basics() throws {
    let target = try RequestTarget("/cpu%20usage?a=b")
    let request = Request(target: target)
    #expect(request.path == "/cpu usage")
    #expect(request.method == "GET")
    #expect(request.target == target)
    #expect(Request(method: "HEAD", target: target).method == "HEAD")
  }

  @Test("Header names ignore case, and the first of two headers counts")
  func header() throws {
    let request = Request(
      target: try RequestTarget("/"),
      headers: [.init("Accept", "text/html"), .init("ACCEPT", "*/*"), .init("X", "")])
    #expect(request.header("accept") == "text/html")
    #expect(request.header("x") == "")
    #expect(request.header("Accept-Encoding") == nil)
  }

  @Test("All headers with a name are found in order")
  func headers() throws {
    let request = Request(
      target: try RequestTarget("/"),
      headers: [.init("Connection", "a"), .init("X", "x"), .init("CONNECTION", "b")],
      peerAddress: "10.0.0.7")
    #expect(request.headers("connection") == ["a", "b"])
    #expect(request.headers("Y") == [])
    #expect(request.peerAddress == "10.0.0.7")
  }

  @Test("A live request has all headers with a name and the client's address")
  func live() throws {
    let server = try Server(handler: { request in
      Server.text("\(request.headers("x-a")) \(request.headers("Z")) \(request.peerAddress ?? "-")")
    })
    let client = try server.client()
    try client.ask("/", headers: ["X-A: one", "X-B: no", "x-a: two"])
    #expect(try client.answer().body == "[\"one\", \"two\"] [] 127.0.0.1")
  }

  @Test("A live request has the key of its client")
  func clientKey() throws {
    let server = try Server(handler: { Server.text("\($0.addressKey)") })
    let client = try server.client()
    try client.ask("/")
    #expect(try client.answer().body == "127.0.0.1")
  }
}
