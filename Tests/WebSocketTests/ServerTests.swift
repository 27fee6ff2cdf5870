import Linux
import MicroHTTPD
import TestSupport
import Testing

@testable import WebSocket

/// The loop behind libmicrohttpd, tested with raw bytes.
@Suite("WebSocket server", .timeLimit(.minutes(2)))
struct ServerTests {
  @Test("The RFC's sample request gets the RFC's answer, and frames follow")
  func sample() throws {
    let server = try EchoServer()
    let wire = try Wire(port: server.port)
    try wire.send(sampleRequest)
    let head = try wire.head()
    #expect(head.hasPrefix("HTTP/1.1 101 Switching Protocols\r\n"))
    let lines = head.lowercased().split(separator: "\r\n")
    #expect(lines.contains("sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo="))
    #expect(lines.count { $0 == "connection: upgrade" } == 1)
    #expect(lines.count { $0 == "upgrade: websocket" } == 1)
    try wire.send(.text("hello"))
    #expect(try wire.frame() == .text("hello"))
    #expect(server.peers == ["127.0.0.1"])
  }

  @Test("Complete or partial frames sent with the request are not lost", arguments: 0...11)
  func earlyFrames(early: Int) throws {
    let server = try EchoServer()
    let wire = try Wire(port: server.port)
    let frame = Frame.text("early").masked
    try wire.send(Array(sampleRequest.utf8) + frame[..<early])
    #expect(try wire.head().hasPrefix("HTTP/1.1 101"))
    try wire.send(Array(frame[early...]))
    #expect(try wire.frame() == .text("early"))
  }

  @Test("A refused request is answered, and the connection stays open")
  func refused() throws {
    let server = try EchoServer()
    let wire = try Wire(port: server.port)
    try wire.send(sampleRequest.replacing("Version: 13", with: "Version: 8"))
    let head = try wire.head()
    #expect(head.hasPrefix("HTTP/1.1 426 "))
    #expect(head.contains("Sec-WebSocket-Version: 13\r\n"))
    // After the body of the refusal.
    try wire.send(sampleRequest)
    #expect(try wire.head().contains("HTTP/1.1 101"))
  }

  @Test("A client that leaves at any point of the handshake leaks nothing")
  func brokenHandshakes() async throws {
    let server = try EchoServer()
    let request = Array(sampleRequest.utf8)
    let bytes = request + Frame.text("x").masked
    var whole = 0
    for count in stride(from: 0, through: bytes.count, by: 3) {
      let wire = try Wire(port: server.port)
      try wire.send(Array(bytes[..<count]))
      if count >= request.count { whole += 1 }
      if count % 2 == 0 { wire.close() } else { wire.endSending() }
    }
    try await eventually {
      server.daemon.requestCount == whole && server.daemon.connectionCount == 0
        && server.daemon.upgradedCount == 0 && server.loop.statistics.open == 0
        && server.recorder.closures.count == server.recorder.ids.count
    }
  }

  @Test("Stopping closes with 1001, waits for the answers and leaves no connection")
  func stop() async throws {
    let server = try EchoServer()
    let wires = try (0..<20).map { _ in try Wire(port: server.port) }
    for wire in wires {
      try wire.send(sampleRequest)
      #expect(try wire.head().hasPrefix("HTTP/1.1 101"))
    }
    try await eventually { server.loop.statistics.open == 20 }
    #expect(server.daemon.upgradedCount == 20)
    async let stopped: Void = server.stop()
    for wire in wires {
      #expect(try await wire.laterFrame() == .close(1001, "the server is stopping"))
      try wire.send(.close(1001))
      #expect(try await wire.laterFrame() == nil)
    }
    await stopped
    #expect(server.daemon.connectionCount == 0)
    #expect(server.recorder.closures.map(\.code) == Array(repeating: 1001, count: 20))
  }

  @Test("A hundred stops during activity do not abort and leak nothing")
  func stopsAnywhere() async {
    // This needs its own process: an abort would end all tests.
    await #expect(processExitsWith: .success) {
      try await OpenFiles.warmUp()
      func round(_ number: Int) async throws {
        let server = try EchoServer { $0.closeTimeout = .milliseconds(1) }
        let wires = try (0..<8).map { _ in try Wire(port: server.port) }
        for (index, wire) in wires.enumerated() {
          try wire.send(sampleRequest)
          if index % 2 == 0 { try wire.send(.text("x")) }
          if index % 3 == 0 { wire.close() }
        }
        for _ in 0..<(number % 30) { await Task.yield() }
        switch number % 3 {
        case 0: await server.stop()
        case 1:
          // Like a product that forgets to end its sockets.
          await server.daemon.drain(for: .zero, clock: ContinuousClock())
          server.daemon.stop()
        default: server.daemon.stop()
        }
        #expect(server.daemon.connectionCount == 0)
        await server.loop.drain(within: .zero)
      }
      try await round(0)
      let before = try OpenFiles.count()
      for number in 0..<100 { try await round(number) }
      try await eventually { try OpenFiles.count() <= before }
    }
  }
}
