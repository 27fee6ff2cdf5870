import Linux
import MicroHTTPD
import Synchronization
import TestSupport
import Testing

@testable import WebSocket

@Suite("WebSocket client", .timeLimit(.minutes(2)))
struct ClientTests {
  /// A client that runs on its own thread, and a record of what it receives.
  private final class Runner: Sendable {
    let client: WebSocketClient
    private let heard = Mutex<[String]>([])
    private let result = Mutex<WebSocketClosure?>(nil)

    init(_ client: WebSocketClient) throws {
      self.client = client
      try DetachedThread.start(named: "client") { [self] in
        let closure = client.run { text in
          heard.withLock { $0.append(String(decoding: text, as: UTF8.self)) }
        }
        result.withLock { $0 = closure }
      }
    }

    var texts: [String] { heard.withLock { $0 } }
    var closure: WebSocketClosure? { result.withLock { $0 } }

    @discardableResult
    func send(_ text: String) -> Bool { client.send(Array(text.utf8)) }
  }

  private func connect(
    _ server: EchoServer, headers: [HTTPField] = [],
    configure: (inout WebSocketLimits) -> Void = { _ in }
  ) throws -> Runner {
    var limits = WebSocketLimits()
    configure(&limits)
    return try Runner(
      WebSocketClient.connect(server.url, headers: headers, limits: limits, timeout: .seconds(30)))
  }

  /// A server that sends this answer to a single request and then acts as the closure says.
  private func fake(_ answer: @escaping @Sendable (String) -> [UInt8]) throws -> (
    url: WebSocketURL, listener: ListeningSocket
  ) {
    let listener = try ListeningSocket(host: "127.0.0.1", port: 0)
    try DetachedThread.start(named: "fake") {
      guard let wire = try? Wire(accepting: listener), let head = try? wire.head() else { return }
      try? wire.send(answer(head))
      wire.endSending()
      _ = try? wire.rest()
    }
    return (try WebSocketURL("ws://127.0.0.1:\(listener.port)/"), listener)
  }

  // MARK: - Conversations

  @Test("Messages are echoed in order, and both sides close cleanly")
  func echo() async throws {
    let server = try EchoServer()
    let runner = try connect(server, headers: [HTTPField("Authorization", "Bearer x")])
    let texts = ["one", "", String(repeating: "long ", count: 10_000), "last"]
    for text in texts { #expect(runner.send(text)) }
    try await eventually { runner.texts.count == 4 }
    #expect(runner.texts == texts)
    runner.client.close(reason: "done")
    try await eventually { runner.closure != nil }
    #expect(runner.closure == WebSocketClosure(cause: .us, code: 1000, reason: "done"))
    try await eventually { server.recorder.closures.count == 1 }
    #expect(
      server.recorder.closures == [WebSocketClosure(cause: .peer, code: 1000, reason: "done")])
    #expect(server.authorizations == ["Bearer x"])
    #expect(!runner.send("late"))
  }

  @Test("A close is sent after all queued messages")
  func closeLast() async throws {
    let server = try EchoServer(recorder: Recorder { _ in .silence })
    let runner = try connect(server)
    let sent = (0..<500).prefix { runner.send("\($0)") }.count
    runner.client.close()
    try await eventually { runner.closure != nil }
    #expect(server.recorder.texts.count == sent)
  }

  @Test("Thousands of messages arrive exactly once in both directions")
  func volume() async throws {
    let server = try EchoServer()
    let runner = try connect(server)
    var next = 0
    try await eventually {
      while next < 5000 && runner.send("\(next)") { next += 1 }
      return runner.texts.count == 5000
    }
    #expect(runner.texts == (0..<5000).map { "\($0)" })
  }

  @Test("A close by the server is reported with code and reason")
  func serverCloses() async throws {
    let server = try EchoServer(recorder: Recorder { _ in .close(code: 1008, reason: "enough") })
    let runner = try connect(server)
    runner.send("x")
    try await eventually { runner.closure != nil }
    #expect(runner.closure == WebSocketClosure(cause: .peer, code: 1008, reason: "enough"))
  }

  @Test("A stopping server sends 1001 and releases its clients at once")
  func serverStops() async throws {
    let server = try EchoServer()
    let runners = try (0..<5).map { _ in try connect(server) }
    for runner in runners { runner.send("x") }
    try await eventually { runners.allSatisfy { $0.texts == ["x"] } }
    await server.stop()
    try await eventually { runners.allSatisfy { $0.closure != nil } }
    #expect(runners.allSatisfy { $0.closure?.code == 1001 && $0.closure?.cause == .peer })
  }

  @Test("A silent server gets a ping, and one that does not answer is dropped")
  func idle() async throws {
    let accept = { @Sendable (head: String) -> [UInt8] in
      let key = head.split(separator: "\r\n").first { $0.hasPrefix("Sec-WebSocket-Key: ") }?
        .dropFirst("Sec-WebSocket-Key: ".count)
      let value = HandshakeKey.accept(String(key ?? ""))
      return Array(
        """
        HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
        Sec-WebSocket-Accept: \(value)\r\n\r\n
        """.utf8)
    }
    let listener = try ListeningSocket(host: "127.0.0.1", port: 0)
    let seen = Mutex<[UInt8]>([])
    let received = Shared(seen)
    try DetachedThread.start(named: "silent") {
      guard let wire = try? Wire(accepting: listener), let head = try? wire.head() else { return }
      try? wire.send(accept(head))
      while let bytes = try? wire.receive() { received.value.withLock { $0 += bytes } }
    }
    var limits = WebSocketLimits()
    limits.pingInterval = .milliseconds(50)
    limits.idleTimeout = .seconds(2)
    let client = try WebSocketClient.connect(
      WebSocketURL("ws://127.0.0.1:\(listener.port)/"), limits: limits, timeout: .seconds(30))
    let closure = client.run { _ in }
    #expect(closure.cause == .lost)
    #expect(closure.reason == "the peer sent nothing")
    try await eventually { received.value.withLock { $0.first == 0x89 } }
  }

  /// A value shared by several closures.
  private final class Shared: Sendable {
    let value: Mutex<[UInt8]>
    init(_ value: consuming Mutex<[UInt8]>) { self.value = value }
  }

  // MARK: - Failures

  @Test("A refusal is reported with status and body")
  func refused() throws {
    let server = try EchoServer()
    let url = try WebSocketURL("ws://127.0.0.1:\(server.port)/401")
    let error = #expect(throws: WebSocketClientError.self) {
      try WebSocketClient.connect(url, timeout: .milliseconds(2_000))
    }
    #expect(error == .refused(status: 401, body: Array("{\"detail\":\"no token\"}".utf8)))
  }

  @Test("A refused connection, an unknown name and a silent server are distinguished")
  func unreachable() throws {
    let listener = try ListeningSocket(host: "127.0.0.1", port: 0)
    let silent = try WebSocketURL("ws://127.0.0.1:\(listener.port)/")
    #expect(throws: WebSocketClientError.timedOut) {
      try WebSocketClient.connect(silent, timeout: .milliseconds(50))
    }
    let refused = #expect(throws: WebSocketClientError.self) {
      try WebSocketClient.connect(WebSocketURL("ws://127.0.0.1:1/"), timeout: .seconds(30))
    }
    #expect(refused == .unreachable("127.0.0.1:1: Connection refused"))
    let unknown = #expect(throws: WebSocketClientError.self) {
      try WebSocketClient.connect(WebSocketURL("ws://no-such-host.invalid/"), timeout: .seconds(30))
    }
    #expect(unknown == .unreachable("no-such-host.invalid:80: no such host"))
  }

  @Test(
    "A server that does not speak WebSocket is reported as such",
    arguments: [
      "SSH-2.0-OpenSSH_9.2\r\n\r\n", "", "HTTP/1.1 101 Switching Protocols\r\n\r\n",
      String(repeating: "x", count: 20_000),
    ])
  func notWebSocket(answer: String) throws {
    let (url, _) = try fake { _ in Array(answer.utf8) }
    let error = #expect(throws: WebSocketClientError.self) {
      try WebSocketClient.connect(url, timeout: .seconds(30))
    }
    guard case .notWebSocket = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test("IPv6 works like IPv4")
  func ipv6() throws {
    let listener = try ListeningSocket(host: "::1", port: 0)
    let url = try WebSocketURL("ws://[::1]:\(listener.port)/")
    #expect(throws: WebSocketClientError.timedOut) {
      try WebSocketClient.connect(url, timeout: .milliseconds(50))
    }
  }

  @Test("Clients that run, fail or never run leak no file and no thread")
  func leaksNothing() async {
    // This needs its own process, where no other test opens files.
    await #expect(processExitsWith: .success) {
      let server = try EchoServer()
      func round() async throws {
        let client = try WebSocketClient.connect(server.url, timeout: .seconds(30))
        let runner = try Runner(client)
        runner.send("x")
        try await eventually { runner.texts == ["x"] }
        runner.client.close()
        try await eventually { runner.closure != nil }
        // One client that never runs, and one that fails to connect.
        _ = try WebSocketClient.connect(server.url, timeout: .seconds(30))
        let nowhere = try WebSocketURL("ws://127.0.0.1:\(server.port)/401")
        #expect(throws: WebSocketClientError.self) {
          try WebSocketClient.connect(nowhere, timeout: .milliseconds(1))
        }
        try await eventually { server.daemon.connectionCount == 0 }
      }
      try await OpenFiles.warmUp()
      try await round()
      let before = try OpenFiles.count()
      for _ in 0..<50 { try await round() }
      try await eventually { try OpenFiles.count() <= before }
    }
  }
}
