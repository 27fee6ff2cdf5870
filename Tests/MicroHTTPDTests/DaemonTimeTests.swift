import Dispatch
import TestSupport
import Testing

@testable import MicroHTTPD

@Suite("Daemon timeouts", .timeLimit(.minutes(1)))
struct DaemonTimeTests {
  // MARK: - Slow clients

  @Test("A client that does not finish its headers in time is ended, whatever it sends")
  func slowHeaders() async throws {
    let server = try Server(configure: {
      $0.headerTimeout = .nanoseconds(1)
      $0.answerTimeout = .nanoseconds(1)
      $0.idleTimeout = 0
    })
    let client = try server.client()
    try client.ask("/first")
    #expect(try client.answer().body == "GET /first")
    try client.send("GET /second HTTP/1.1\r\nHost: local")
    try await server.endSlowClientsOnce()
    #expect(try client.rest() == "")
    #expect(server.daemon.requestCount == 1)
  }

  @Test("A client within its time is not ended")
  func inTime() async throws {
    let server = try Server(configure: { $0.headerTimeout = .seconds(3_600) })
    let client = try server.client()
    try client.ask("/first")
    #expect(try client.answer().body == "GET /first")
    try client.send("GET /second HTTP/1.1\r\n")
    try await server.endSlowClientsOnce()
    try client.send("Host: localhost\r\n\r\n")
    #expect(try client.answer().body == "GET /second")
  }

  // MARK: - Drain

  @Test("Draining completes an answer in progress and closes its connection")
  func drainWaits() async throws {
    let gate = Gate()
    let server = try Server(handler: { _ in
      gate.pass()
      return Server.text(String(repeating: "x", count: 100_000))
    })
    let client = try server.client()
    try client.ask("/slow")
    try gate.waitForArrival()
    let clock = EagerClock { sleeps in if sleeps == 5 { gate.open() } }
    await server.daemon.drain(for: .seconds(100_000), clock: clock)
    #expect(clock.elapsed >= .milliseconds(50))
    // Stopping discards what is still being sent, so drain first.
    server.daemon.stop()
    let answer = try client.answer()
    #expect(answer.body.utf8.count == 100_000)
    #expect(answer.headers["connection"] == "close")
    #expect(try client.rest() == "")
  }

  @Test("Draining stops at its time limit even if an answer is in progress")
  func drainGivesUp() async throws {
    let gate = Gate()
    let server = try Server(handler: { _ in
      gate.pass()
      return Server.text("late")
    })
    let client = try server.client()
    try client.ask("/slow")
    try gate.waitForArrival()
    let clock = EagerClock()
    await server.daemon.drain(for: .milliseconds(200), clock: clock)
    #expect(clock.elapsed == .milliseconds(200))
    gate.open()
    #expect(try client.answer().body == "late")
  }

  @Test("Draining an idle server ends after one check")
  func drainIdle() async throws {
    let server = try Server()
    let client = try server.client()
    let clock = EagerClock()
    #expect(!server.daemon.isDraining)
    await server.daemon.drain(for: .seconds(5), clock: clock)
    #expect(server.daemon.isDraining)
    #expect(clock.elapsed == .milliseconds(10))
    withExtendedLifetime(client) {}
  }

  @Test("Draining does not wait for clients that left during a body or an answer")
  func drainAfterLoss() async throws {
    let server = try Server(handler: { _ in Server.text(String(repeating: "x", count: 50_000_000)) }
    )
    var clients = try [server.client(), server.client()]
    try clients[0].ask("/", method: "POST", headers: ["Content-Length: 100"])
    try clients[0].send("only a part")
    try clients[1].ask("/")
    try await eventually { server.daemon.requestCount == 2 }
    clients.removeAll()
    let clock = EagerClock()
    await server.daemon.drain(for: .seconds(100_000), clock: clock)
    #expect(clock.elapsed < .seconds(100_000))
  }

  @Test(
    "A request on an open connection is answered while draining, then the connection is closed"
  )
  func answersWhileDraining() async throws {
    let server = try Server()
    let client = try server.client()
    try client.ask("/before")
    #expect(try client.answer().headers["connection"] == nil)
    await server.daemon.drain(for: .seconds(5), clock: EagerClock())
    try client.ask("/after")
    let answer = try client.answer()
    #expect(answer.body == "GET /after")
    #expect(answer.headers["connection"] == "close")
    #expect(try client.rest() == "")
  }

  @Test("A new client is refused while draining")
  func noNewClients() async throws {
    let server = try Server()
    await server.daemon.drain(for: .seconds(5), clock: EagerClock())
    let client = try server.client()
    #expect(try client.rest() == "")
  }
}

/// Blocks a handler until the test lets it continue.
final class Gate: Sendable {
  private let arrived = DispatchSemaphore(value: 0)
  private let opened = DispatchSemaphore(value: 0)

  /// The handler calls this and blocks.
  func pass() {
    arrived.signal()
    opened.wait()
  }

  /// The test calls this; it returns when the handler has arrived.
  func waitForArrival() throws { try #require(arrived.wait(timeout: .now() + 30) == .success) }

  func open() { opened.signal() }
}
