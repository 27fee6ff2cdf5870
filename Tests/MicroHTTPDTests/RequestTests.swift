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
}
