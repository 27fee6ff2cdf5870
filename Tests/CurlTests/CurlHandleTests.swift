import Linux
import MicroHTTPD
import Testing

@testable import Curl

@Suite("Curl handle")
struct CurlHandleTests {
  @Test("An answer has its status, its sizes and the requested part of the body")
  func answer() throws {
    let server = try EchoServer()
    let curl = try CurlHandle.test()
    let answer = try curl.perform(CurlRequest(server.url + "/hello"), keeping: 1000)
    #expect(answer.status == 200)
    #expect(String(decoding: answer.body, as: UTF8.self) == "GET /hello")
    #expect(answer.bodyBytes == "GET /hello".utf8.count)
    #expect(answer.headerBytes > 20)
    #expect(answer.microseconds > 0)
    #expect(try curl.perform(CurlRequest(server.url + "/hello"), keeping: 3).body.count == 3)
    #expect(try curl.perform(CurlRequest(server.url + "/hello")).body.isEmpty)
  }

  @Test("One connection serves all requests")
  func keepsItsConnection() throws {
    let server = try EchoServer()
    let curl = try CurlHandle.test()
    let paths = ["/a", "/a", "/b", "/a"]
    let opened = try paths.map { try curl.perform(CurlRequest(server.url + $0)).newConnections }
    #expect(opened == [1, 0, 0, 0])
    #expect(server.requests == 4)
  }

  @Test("An error status and a redirect are answers; redirects are not followed")
  func statuses() throws {
    let server = try EchoServer()
    let curl = try CurlHandle.test()
    #expect(try curl.perform(CurlRequest(server.url + "/404")).status == 404)
    #expect(try curl.perform(CurlRequest(server.url + "/503")).status == 503)
    #expect(try curl.perform(CurlRequest(server.url + "/307")).status == 307)
    #expect(server.requests == 3)
  }

  @Test("A body is sent by POST, and the next request is a GET again")
  func post() throws {
    let server = try EchoServer()
    let curl = try CurlHandle.test()
    let headers = ["Content-Type: application/json"]
    let post = CurlRequest(server.url + "/in", headers: headers, body: Array("{}".utf8))
    let answer = try curl.perform(post, keeping: 100)
    #expect(String(decoding: answer.body, as: UTF8.self) == "POST /in application/json 2")
    let empty = CurlRequest(server.url + "/in", headers: headers, body: [])
    let second = try curl.perform(empty, keeping: 100)
    #expect(String(decoding: second.body, as: UTF8.self) == "POST /in application/json 0")
    let get = try curl.perform(CurlRequest(server.url + "/in"), keeping: 100)
    #expect(String(decoding: get.body, as: UTF8.self) == "GET /in")
  }

  @Test("A refused connection is an error with libcurl's message, and the handle can be reused")
  func refused() throws {
    let server = try EchoServer()
    let curl = try CurlHandle.test()
    let error = #expect(throws: CurlError.self) {
      try curl.perform(CurlRequest("http://127.0.0.1:1/"))
    }
    #expect(error == .failed(code: 7, reason: "Couldn't connect to server"))
    #expect(error?.description == "Couldn't connect to server")
    #expect(try curl.perform(CurlRequest(server.url + "/a")).status == 200)
  }

  @Test("A silent server causes a timeout")
  func silentServer() throws {
    // The kernel completes the connection in the backlog; nothing accepts it.
    let socket = try ListeningSocket(host: "127.0.0.1", port: 0)
    let curl = try CurlHandle.test(timeout: .milliseconds(200))
    let before = Instant.monotonicNow()
    let error = #expect(throws: CurlError.self) {
      try curl.perform(CurlRequest("http://127.0.0.1:\(socket.port)/"))
    }
    #expect(error == .failed(code: 28, reason: "Timeout was reached"))
    #expect(Instant.monotonicNow() - before < 5_000_000_000)
  }

  @Test(
    "Other protocols, such as files, are refused",
    arguments: ["file:///etc/passwd", "ftp://127.0.0.1/"])
  func otherProtocols(url: String) throws {
    let curl = try CurlHandle.test()
    let error = #expect(throws: CurlError.self) { try curl.perform(CurlRequest(url)) }
    guard case .failed(1, _) = error else {
      Issue.record("not an unsupported protocol: \(String(describing: error))")
      return
    }
  }
}

@Suite("Curl library")
struct CurlLibraryTests {
  @Test("The error for a missing libcurl names the package")
  func missing() {
    let error = #expect(throws: CurlError.self) {
      try CurlLibrary(names: ["libnot-there.so.4", "libneither.so.1"])
    }
    #expect(error?.description.contains("apt-get install libcurl3-gnutls") == true)
  }

  @Test("A library without libcurl's functions is rejected")
  func other() {
    #expect(throws: CurlError.libraryMissing) { try CurlLibrary(names: ["libc.so.6"]) }
  }

  @Test("The library reports its version")
  func version() {
    #expect(CurlHandle.libraryVersion?.hasPrefix("libcurl/") == true)
  }
}
