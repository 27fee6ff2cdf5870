import Testing

@testable import MicroHTTPD

@Suite("Response")
struct ResponseTests {
  let response = Response(
    status: 200, headers: [.init("Content-Type", "text/plain"), .init("ETag", "\"1\"")],
    body: Array("hello".utf8))

  @Test("A response keeps its contents")
  func contents() {
    #expect(response.status == 200)
    #expect(response.headers.map(\.name) == ["Content-Type", "ETag"])
    #expect(response.body.bytes == Array("hello".utf8))
  }

  @Test("Header lookup ignores case, and a missing header is nil")
  func header() {
    #expect(response.header("etag") == "\"1\"")
    #expect(response.header("CONTENT-TYPE") == "text/plain")
    #expect(response.header("Content") == nil)
  }

  @Test("A line break in a value does not end the header")
  func lineBreaks() {
    let response = Response(status: 200, headers: [.init("X-Name", "a\r\nSet-Cookie: b")], body: [])
    #expect(response.header("X-Name") == "a  Set-Cookie: b")
  }

  @Test("A body may be empty, and a header without a value is left out")
  func empty() {
    let response = Response(status: 204, headers: [.init("X", ""), .init("Y", "y")], body: [])
    #expect(response.body.bytes == [])
    #expect(response.headers == [.init("Y", "y")])
  }

  @Test("The closing variant has one more header")
  func closing() {
    let closing = response.closing()
    #expect(closing.status == response.status)
    #expect(closing.body.bytes == response.body.bytes)
    #expect(closing.headers == response.headers + [.init("Connection", "close")])
    #expect(response.header("Connection") == nil)
  }

  @Test("The closing variant keeps its body after the original response is freed")
  func closingOutlives() {
    let closing = Response(status: 200, headers: [], body: Array(repeating: 7, count: 100_000))
      .closing()
    #expect(closing.body.bytes == Array(repeating: 7, count: 100_000))
  }

  @Test("The default status of a reply is that of its response")
  func reply() {
    #expect(Reply(response).status == 200)
    #expect(Reply(response, status: 304).status == 304)
    #expect(Reply(response, status: 304).response === response)
  }
}
