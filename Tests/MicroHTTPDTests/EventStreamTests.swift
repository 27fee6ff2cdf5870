import TestSupport
import Testing

@testable import MicroHTTPD

@Suite("Event streams", .timeLimit(.minutes(1)))
struct EventStreamTests {
  private let broadcaster = Broadcaster(capacity: 8)

  private func server(configure: (inout DaemonConfiguration) -> Void = { _ in }) throws -> Server {
    try Server(configure: configure) { [broadcaster] request in
      guard request.path == "/events" else { return Server.text("GET \(request.path)") }
      let id = request.header("Last-Event-ID").flatMap { UInt64($0) }
      return .stream(broadcaster.subscribe(after: id, headers: [.init("X-House", "ours")]))
    }
  }

  /// A client with an open stream; it receives the next event published.
  private func reader(of server: Server, after id: UInt64? = nil) throws -> Client {
    let client = try server.client()
    try client.ask("/events", headers: id.map { ["Last-Event-ID: \($0)"] } ?? [])
    #expect(try client.answer(hasBody: false).status == 200)
    #expect(try client.chunk() == "retry: 2000\n\n")
    return client
  }

  private func publish(_ ids: UInt64..., data: String = "{}", at moment: Int64 = 0) {
    for id in ids { broadcaster.publish(EventChunk(id: id, data: Array(data.utf8)), at: moment) }
  }

  private func text(_ ids: UInt64..., data: String = "{}") -> String {
    ids.map { "id: \($0)\ndata: \(data)\n\n" }.joined()
  }

  // MARK: - Events

  @Test("A stream has its own headers and the caller's, but no length")
  func headers() throws {
    let server = try server()
    let client = try server.client()
    try client.ask("/events")
    let head = try client.answer(hasBody: false)
    #expect(head.status == 200)
    #expect(head.headers["content-type"] == "text/event-stream")
    #expect(head.headers["cache-control"] == "no-store")
    #expect(head.headers["x-accel-buffering"] == "no")
    #expect(head.headers["x-house"] == "ours")
    #expect(head.headers["transfer-encoding"] == "chunked")
    #expect(head.headers["content-length"] == nil)
  }

  @Test("Events reach every reader in order")
  func live() throws {
    let server = try server()
    let readers = try (0..<3).map { _ in try reader(of: server) }
    #expect(broadcaster.readerCount == 3)
    for id in UInt64(1)...20 {
      publish(id)
      for reader in readers { #expect(try reader.chunk() == text(id)) }
    }
    #expect(broadcaster.droppedCount == 0)
  }

  @Test("An event larger than a connection's memory arrives complete")
  func large() throws {
    let server = try server()
    let reader = try reader(of: server)
    let data = String(repeating: "0123456789", count: 30_000)
    publish(1, data: data)
    publish(2)
    #expect(try reader.stream(until: text(2)) == text(1, data: data) + text(2))
  }

  @Test("HEAD gets only the headers, without a length, and the connection is closed")
  func head() throws {
    let server = try server()
    let client = try server.client()
    try client.ask("/events", method: "HEAD")
    let head = try client.answer(hasBody: false)
    #expect(head.headers["content-type"] == "text/event-stream")
    #expect(head.headers["x-house"] == "ours")
    #expect(head.headers["content-length"] == nil)
    #expect(head.headers["transfer-encoding"] == nil)
    #expect(head.headers["connection"] == "close")
    #expect(broadcaster.readerCount == 0)
    #expect(try client.rest() == "")
  }

  @Test("A later reply may return a stream")
  func later() async throws {
    let server = try Server(handler: { [broadcaster] _ in
      .later { .stream(broadcaster.subscribe()) }
    })
    let client = try server.client()
    try client.ask("/")
    #expect(try await client.laterAnswer(hasBody: false).status == 200)
    #expect(try client.chunk() == "retry: 2000\n\n")
    publish(1)
    #expect(try client.chunk() == text(1))
  }

  @Test("A client of HTTP/1.0 gets the same bytes without chunks until the connection closes")
  func oldVersion() async throws {
    let server = try server()
    let client = try server.client()
    try client.send("GET /events HTTP/1.0\r\n\r\n")
    #expect(try client.answer(hasBody: false).headers["transfer-encoding"] == nil)
    try await eventually { client.hasArrived }
    publish(1)
    await server.daemon.drain(for: .seconds(100_000), clock: EagerClock())
    // The end may precede the event.
    let greeting = "retry: 2000\n\n"
    #expect(try [greeting, greeting + text(1)].contains(client.rest()))
  }

  // MARK: - Replay

  @Test("A returning reader gets what it missed, then new events")
  func replay() throws {
    let server = try server()
    publish(1, 2, 3, 4, 5)
    let reader = try server.client()
    try reader.ask("/events", headers: ["Last-Event-ID: 3"])
    _ = try reader.answer(hasBody: false)
    #expect(try reader.stream(until: text(5)) == "retry: 2000\n\n" + text(4, 5))
    publish(6)
    #expect(try reader.chunk() == text(6))
  }

  @Test("Events no longer kept are left out, and a new reader gets no old events")
  func replayOfLost() throws {
    let server = try server()
    for id in UInt64(1)...20 { publish(id) }
    let reader = try server.client()
    try reader.ask("/events", headers: ["Last-Event-ID: 3"])
    _ = try reader.answer(hasBody: false)
    let missed = (13...20).map { text($0) }.joined()
    #expect(try reader.stream(until: text(20)) == "retry: 2000\n\n" + missed)
    let newcomer = try self.reader(of: server)
    publish(21)
    #expect(try newcomer.chunk() == text(21))
  }

  // MARK: - Silence

  @Test("A comment is sent after ten seconds without an event, not earlier")
  func comments() throws {
    let server = try server()
    let reader = try reader(of: server)
    func breakSilence(at seconds: Int64...) {
      for second in seconds { broadcaster.breakSilence(at: second * 1_000_000_000) }
    }
    publish(1, at: 100_000_000_000)
    #expect(try reader.chunk() == text(1))
    breakSilence(at: 100, 109, 110)
    #expect(try reader.chunk() == ":\n\n")
    breakSilence(at: 111, 119, 120)
    #expect(try reader.chunk() == ":\n\n")
    publish(2, at: 125_000_000_000)
    #expect(try reader.chunk() == text(2))
    breakSilence(at: 130, 134)
    publish(3, at: 134_000_000_000)
    #expect(try reader.chunk() == text(3))
  }

  // MARK: - Clients

  @Test("A reader that is too slow is dropped and counted while others continue")
  func slowReader() async throws {
    let server = try server()
    let slow = try Client(port: server.port, receiveBuffer: 4_096)
    try slow.ask("/events")
    let quick = try reader(of: server)
    try await eventually { broadcaster.readerCount == 2 }
    let data = String(repeating: "x", count: 500_000)
    var id: UInt64 = 0
    while broadcaster.droppedCount == 0 {
      id += 1
      publish(id, data: data)
      #expect(try quick.stream(until: "\n\n") == text(id, data: data))
    }
    try await eventually { broadcaster.readerCount == 1 }
    #expect(broadcaster.droppedCount == 1)
    // It sees the end of the connection in the middle of an event.
    #expect(try !slow.rest().hasSuffix("0\r\n\r\n"))
    publish(id + 1)
    #expect(try quick.chunk() == text(id + 1))
  }

  @Test("A broken connection is noticed at the next send")
  func vanished() async throws {
    let server = try server()
    var readers = try (0..<3).map { _ in try reader(of: server) }
    readers.removeLast(2)
    var id: UInt64 = 0
    try await eventually {
      id += 1
      publish(id)
      _ = try readers[0].stream(until: text(id))
      return broadcaster.readerCount == 1
    }
    #expect(broadcaster.droppedCount == 0)
  }

  @Test("The check for slow clients ignores streams")
  func notSlow() async throws {
    let server = try server {
      $0.headerTimeout = .nanoseconds(1)
      $0.answerTimeout = .nanoseconds(1)
    }
    let reader = try reader(of: server)
    try await server.endSlowClientsOnce()
    publish(1)
    #expect(try reader.chunk() == text(1))
  }

  @Test("Two hundred readers get the same events")
  func many() throws {
    let server = try server()
    let readers = try (0..<200).map { _ in try reader(of: server) }
    for id in UInt64(1)...5 {
      publish(id, data: String(repeating: "x", count: 3_000))
      for reader in readers {
        #expect(
          try reader.stream(until: "\n\n")
            == text(id, data: String(repeating: "x", count: 3_000)))
      }
    }
    #expect(broadcaster.readerCount == 200)
    #expect(broadcaster.droppedCount == 0)
  }

  // MARK: - Stopping

  @Test("Draining ends every stream cleanly, and its connection can be reused")
  func drain() async throws {
    let server = try server()
    let readers = try (0..<20).map { _ in try reader(of: server) }
    publish(1)
    for reader in readers { #expect(try reader.chunk() == text(1)) }
    let clock = EagerClock()
    await server.daemon.drain(for: .seconds(100_000), clock: clock)
    #expect(clock.elapsed < .seconds(100_000))
    for reader in readers { #expect(try reader.chunk() == "") }
    #expect(broadcaster.readerCount == 0)
    publish(2)
    try readers[0].ask("/next")
    #expect(try readers[0].answer().body == "GET /next")
    try readers[1].ask("/events")
    #expect(try readers[1].answer().status == 503)
    server.daemon.stop()
    #expect(try readers[2].rest() == "")
  }

  @Test("Stopping without a drain does not abort")
  func stop() throws {
    let server = try server()
    let readers = try (0..<20).map { _ in try reader(of: server) }
    server.daemon.stop()
    publish(1)
    #expect(broadcaster.readerCount == 0)
    for reader in readers { _ = try reader.rest() }
  }

  @Test("A hundred stops with active publishers and readers do not abort")
  func stopsAnywhere() async {
    // This needs its own process: stopping with a suspended connection would abort all tests.
    await #expect(processExitsWith: .success) {
      for round in 0..<100 {
        let broadcaster = Broadcaster(capacity: 4)
        let server = try Server(handler: { _ in .stream(broadcaster.subscribe()) })
        let publisher = Task.detached {
          var id: UInt64 = 0
          while !Task.isCancelled {
            id += 1
            broadcaster.publish(EventChunk(id: id, data: [0x78]), at: 0)
            await Task.yield()
          }
        }
        var clients = try (0..<8).map { _ in try server.client() }
        for client in clients { try client.ask("/") }
        for _ in 0..<(round * 7 % 200) { await Task.yield() }
        clients.removeLast(4)
        for _ in 0..<(round * 3 % 100) { await Task.yield() }
        if round % 3 == 0 { await server.daemon.drain(for: .zero, clock: EagerClock()) }
        server.daemon.stop()
        #expect(broadcaster.readerCount == 0)
        publisher.cancel()
        await publisher.value
      }
    }
  }
}
