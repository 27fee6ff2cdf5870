import Glibc
import Testing

@testable import Linux

@Suite("Plain request")
struct PlainRequestTests {
  @Test(
    "An answer is parsed into status and body",
    arguments: [
      ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, "ok"),
      ("HTTP/1.0 404 Not Found\r\n\r\n", 404, ""),
      ("HTTP/1.1 503 Service Unavailable\r\nA: b\r\n\r\nnot\r\n\r\nready", 503, "not\r\n\r\nready"),
      ("HTTP/1.1 204\r\n\r\n", 204, ""),
      ("HTTP/1.1 200 OK\r\nA: b\r\n\r\nZürich \u{301}", 200, "Zürich \u{301}"),
    ])
  func parses(text: String, status: Int, body: String) {
    #expect(PlainRequest.parse(text) == PlainRequest.Answer(status: status, body: body))
  }

  @Test(
    "Text that is not HTTP is not an answer",
    arguments: [
      "HTTP/1.1 200 OK\r\nA: b\r\n", "HTTP/1.1 200",
      "", "\r\n\r\n", "SSH-2.0-OpenSSH_9.2\r\n", "HTTP/1.1", "HTTP/1.1 \r\n\r\n",
      "HTTP/1.1 ok\r\n\r\n", "HTTP/2 200\r\n\r\n", "220 mail.example.org ESMTP\r\n",
    ])
  func refuses(text: String) {
    #expect(PlainRequest.parse(text) == nil)
  }

  @Test("A refused connection is an error that names the address and the reason")
  func refused() throws {
    let socket = try ListeningSocket(host: "127.0.0.1", port: 0)
    close(socket.descriptor)
    let error = #expect(throws: SystemCallError.self) {
      try PlainRequest.get(host: "127.0.0.1", port: socket.port, path: "/")
    }
    #expect(error?.description == "127.0.0.1:\(socket.port): Connection refused")
  }

  @Test("A server that accepts but does not answer causes a timeout")
  func silentServer() throws {
    // The kernel completes the connection in the backlog; nothing accepts it.
    let socket = try ListeningSocket(host: "127.0.0.1", port: 0)
    defer { close(socket.descriptor) }
    let error = #expect(throws: SystemCallError.self) {
      try PlainRequest.get(host: "127.0.0.1", port: socket.port, path: "/", seconds: 1)
    }
    #expect(error?.code == EAGAIN)
  }

  @Test("An unknown host is an error that names it")
  func unknownHost() {
    let error = #expect(throws: SystemCallError.self) {
      try PlainRequest.get(host: "no such host", port: 80, path: "/")
    }
    #expect(
      error
        == SystemCallError(
          call: "getaddrinfo", subject: "no such host:80", code: EADDRNOTAVAIL))
  }
}
