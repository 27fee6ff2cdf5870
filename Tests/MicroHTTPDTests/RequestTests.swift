import Testing

@testable import MicroHTTPD

@Suite("Request from a list")
struct RequestTests {
  @Test("The path is that of the target and the method is GET unless another one is given")
  func basics() throws {
    let target = try RequestTarget("/cpu%20usage?a=b")
    let request = Request(target: target)
    #expect(request.path == "/cpu usage")
    #expect(request.method == "GET")
    #expect(request.target == target)
    #expect(Request(method: "HEAD", target: target).method == "HEAD")
  }

  @Test("A header is found whatever the case of its name; of two the first counts")
  func header() throws {
    let request = Request(
      target: try RequestTarget("/"),
      headers: [.init("Accept", "text/html"), .init("ACCEPT", "*/*"), .init("X", "")])
    #expect(request.header("accept") == "text/html")
    #expect(request.header("x") == "")
    #expect(request.header("Accept-Encoding") == nil)
  }

  @Test("All headers of a name are found, in their order")
  func headers() throws {
    let request = Request(
      target: try RequestTarget("/"),
      headers: [.init("Connection", "a"), .init("X", "x"), .init("CONNECTION", "b")],
      peerAddress: "10.0.0.7")
    #expect(request.headers("connection") == ["a", "b"])
    #expect(request.headers("Y") == [])
    #expect(request.peerAddress == "10.0.0.7")
  }

  @Test("A live request knows all headers of a name, and who asks")
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
