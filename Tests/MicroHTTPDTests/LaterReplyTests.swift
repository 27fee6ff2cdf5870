import Synchronization
import TestSupport
import Testing

@testable import MicroHTTPD

@Suite("Later replies", .timeLimit(.minutes(1)))
struct LaterReplyTests {
  private let latch = Latch()

  /// Requests below `/later` wait for the latch; others are answered at once.
  private func server(configure: (inout DaemonConfiguration) -> Void = { _ in }) throws -> Server {
    try Server(configure: configure) { [latch] request in
      let text = "\(request.method) \(request.path)"
      guard request.path.hasPrefix("/later") else { return Server.text(text) }
      return .later {
        await latch.pass()
        return Server.text(text)
      }
    }
  }

  // MARK: - Answers

  @Test("A later reply is sent when it is ready, and the connection stays open")
  func answered() async throws {
    let server = try server()
    let client = try server.client()
    for number in 0..<3 {
      try client.ask("/later/\(number)")
      try await eventually { latch.arrivals > number }
      if number == 0 {
        #expect(!client.hasArrived)
        latch.open()
      }
      let answer = try await client.laterAnswer()
      #expect(answer.status == 200)
      #expect(answer.body == "GET /later/\(number)")
      #expect(answer.headers["connection"] == nil)
    }
    try client.ask("/ready")
    #expect(try client.answer().body == "GET /ready")
    #expect(server.daemon.connectionCount == 1)
    #expect(server.daemon.requestCount == 4)
  }

  @Test("HEAD has the length of the later body but no body")
  func head() async throws {
    let server = try server()
    let client = try server.client()
    latch.open()
    try client.ask("/later", method: "HEAD")
    let answer = try await client.laterAnswer(hasBody: false)
    #expect(answer.headers["content-length"] == "11")
    try client.ask("/ready")
    #expect(try client.answer().body == "GET /ready")
  }

  @Test("A request with a body is answered after the body is read")
  func body() async throws {
    let server = try server()
    let client = try server.client()
    latch.open()
    try client.ask("/later", method: "POST", headers: ["Content-Length: 5"])
    #expect(latch.arrivals == 0)
    try client.send("hello")
    #expect(try await client.laterAnswer().body == "POST /later")
  }

  @Test("A reply may be deferred repeatedly and may have another status")
  func twice() async throws {
    let server = try Server(handler: { _ in
      .later { .later { Reply(Server.text("whole").response, status: 304) } }
    })
    let client = try server.client()
    try client.ask("/")
    #expect(try await client.laterAnswer(hasBody: false).status == 304)
  }

  @Test("Requests pipelined after a later one are answered after it, in order")
  func pipelined() async throws {
    let server = try server()
    let client = try server.client()
    for path in ["/later/1", "/ready", "/later/2", "/ready/too"] { try client.ask(path) }
    try await eventually { latch.arrivals == 1 }
    try client.ask("/last")
    #expect(!client.hasArrived)
    latch.open()
    for path in ["/later/1", "/ready", "/later/2", "/ready/too", "/last"] {
      #expect(try await client.laterAnswer().body == "GET \(path)")
    }
  }

  @Test("Sixty-four later replies block no thread, and each client gets its own")
  func many() async throws {
    let server = try server()
    let clients = try (0..<64).map { _ in try server.client() }
    for (number, client) in clients.enumerated() { try client.ask("/later/\(number)") }
    try await eventually { latch.arrivals == 64 }
    // Both threads are free for other requests.
    for _ in 0..<8 {
      let other = try server.client()
      try other.ask("/ready")
      #expect(try other.answer().body == "GET /ready")
    }
    latch.open()
    for (number, client) in clients.enumerated() {
      #expect(try await client.laterAnswer().body == "GET /later/\(number)")
    }
  }

  // MARK: - Clients

  /// Work that ends only when it is cancelled, and its result.
  private final class Work: Sendable {
    let begun = Atomic(0)
    let cancelled = Atomic(0)

    func run() async -> Reply {
      begun.add(1, ordering: .relaxed)
      while !Task.isCancelled { await Task.yield() }
      cancelled.add(1, ordering: .relaxed)
      return Server.text("too late")
    }

    var counts: (begun: Int, cancelled: Int) {
      (begun.load(ordering: .relaxed), cancelled.load(ordering: .relaxed))
    }
  }

  @Test("The work for clients that leave is cancelled, except for a few that may still read")
  func clientsGone() async throws {
    let work = Work()
    let server = try Server(
      configure: { $0.halfClosedLimitPerAddress = 2 }, handler: { _ in .later { await work.run() } }
    )
    var clients = try (0..<6).map { _ in try server.client() }
    for client in clients { try client.ask("/") }
    try await eventually { work.counts.begun == 6 }
    clients.removeAll()
    try await eventually { work.counts.cancelled == 4 && server.daemon.connectionCount == 2 }
    #expect(server.counts.now.ended[.clientLeft] == 4)
    await server.daemon.drain(for: .zero, clock: EagerClock())
    try await eventually { work.counts.cancelled == 6 && server.daemon.connectionCount == 0 }
  }

  @Test("A reset connection cancels the work for its client")
  func clientReset() async throws {
    let work = Work()
    let server = try Server(handler: { _ in .later { await work.run() } })
    let client = try server.client()
    try client.ask("/")
    try await eventually { work.counts.begun == 1 }
    client.reset()
    try await eventually { work.counts.cancelled == 1 && server.daemon.connectionCount == 0 }
  }

  @Test("A client that has only shut down its sending side is answered, even with a large body")
  func halfClosed() async throws {
    let text = String(repeating: "0123456789", count: 500_000)
    let server = try Server(handler: { [latch] _ in
      .later {
        await latch.pass()
        return Server.text(text)
      }
    })
    let client = try server.client()
    try client.ask("/")
    client.endSending()
    try await eventually { latch.arrivals == 1 }
    latch.open()
    let answer = try await client.laterAnswer()
    #expect(answer.body == text)
    #expect(answer.headers["connection"] == "close")
    #expect(try await client.laterRest() == "")
    try await eventually { server.daemon.connectionCount == 0 }
  }

  @Test("A half-closed client beyond the limit is told why it gets no answer")
  func thirdHalfClosed() async throws {
    let server = try server { $0.halfClosedLimitPerAddress = 2 }
    let clients = try (0..<3).map { _ in try server.client() }
    for (index, client) in clients.enumerated() {
      try client.ask("/later/\(index)")
      try await eventually { latch.arrivals == index + 1 }
    }
    for client in clients { client.endSending() }
    let refusal = try await clients[2].laterAnswer()
    #expect(refusal.status == 503)
    #expect(refusal.body == "left")
    latch.open()
    for client in clients[..<2] { #expect(try await client.laterAnswer().status == 200) }
  }

  @Test("Work can check whether its client has left before its task is cancelled")
  func workAsks() async throws {
    let seen = Atomic(-1)
    let server = try Server(
      configure: { $0.clock = NoClock() },
      handler: { [latch] _ in
        .later {
          await latch.pass()
          seen.store(WaitingClient.isGone ? 1 : 0, ordering: .relaxed)
          return Server.text("late")
        }
      })
    let client = try server.client()
    try client.ask("/")
    try await eventually { latch.arrivals == 1 }
    client.reset()
    latch.open()
    try await eventually { seen.load(ordering: .relaxed) == 1 }
    #expect(!WaitingClient.isGone)
  }

  @Test("Clients that have left do not use places")
  func goneAndLimit() async throws {
    let server = try server {
      $0.clock = NoClock()
      $0.waitingLimitPerAddress = 4
      $0.halfClosedLimitPerAddress = 2
    }
    var gone = try (0..<4).map { _ in try server.client() }
    for client in gone { try client.ask("/later") }
    try await eventually { latch.arrivals == 4 }
    gone.removeAll()
    // The server may not have seen their ends yet; then the request is refused and repeated.
    var client = try server.client()
    try client.ask("/later/mine")
    try await eventually {
      if client.hasArrived {
        client = try server.client()
        try client.ask("/later/mine")
      }
      return latch.arrivals == 5
    }
    latch.open()
    #expect(try await client.laterAnswer().body == "GET /later/mine")
  }

  @Test("The time of the work does not count as the client's time")
  func notSlow() async throws {
    let server = try server {
      $0.headerTimeout = .nanoseconds(1)
      $0.answerTimeout = .seconds(3_600)
      $0.idleTimeout = 3_600
    }
    let client = try server.client()
    try client.ask("/later")
    try await eventually { latch.arrivals == 1 }
    try await server.endSlowClientsOnce()
    latch.open()
    #expect(try await client.laterAnswer().body == "GET /later")
  }

  // MARK: - Stopping

  @Test("Draining waits for later replies and closes their connections")
  func drainWaits() async throws {
    let server = try server()
    let client = try server.client()
    try client.ask("/later")
    try await eventually { latch.arrivals == 1 }
    let clock = EagerClock { [latch] sleeps in if sleeps == 5 { latch.open() } }
    await server.daemon.drain(for: .seconds(100_000), clock: clock)
    #expect(clock.elapsed >= .milliseconds(50))
    server.daemon.stop()
    let answer = try client.answer()
    #expect(answer.body == "GET /later")
    #expect(answer.headers["connection"] == "close")
    #expect(try client.rest() == "")
  }

  @Test("At the time limit of draining, later replies become 503 and their work is cancelled")
  func drainGivesUp() async throws {
    let cancelled = Latch()
    let server = try Server(handler: { _ in
      .later {
        while !Task.isCancelled { await Task.yield() }
        cancelled.open()
        return Server.text("too late")
      }
    })
    let clients = try (0..<4).map { _ in try server.client() }
    for client in clients { try client.ask("/later") }
    try await eventually { server.daemon.requestCount == 4 }
    await server.daemon.drain(for: .milliseconds(200), clock: EagerClock())
    for client in clients {
      let answer = try await client.laterAnswer()
      #expect(answer.status == 503)
      #expect(answer.body == "stopping")
      #expect(answer.headers["connection"] == "close")
    }
    await cancelled.pass()
    server.daemon.stop()
  }

  @Test("After draining, a request for a later reply gets a 503 at once")
  func requestAfterDrain() async throws {
    let server = try server()
    let client = try server.client()
    try client.ask("/ready")
    #expect(try client.answer().status == 200)
    await server.daemon.drain(for: .zero, clock: EagerClock())
    try client.ask("/later")
    #expect(try client.answer().status == 503)
    #expect(try client.rest() == "")
  }

  @Test("Stopping does not wait for endless work, and its later end is harmless")
  func stop() async throws {
    let server = try server()
    let clients = try (0..<4).map { _ in try server.client() }
    for client in clients { try client.ask("/later") }
    try await eventually { latch.arrivals == 4 }
    server.daemon.stop()
    for client in clients { _ = try client.rest() }
    latch.open()
  }

  @Test("Two hundred stops during later replies do not abort and leak nothing")
  func stopsAnywhere() async {
    // This needs its own process: stopping with a suspended connection would abort all tests.
    await #expect(processExitsWith: .success) {
      for round in 0..<200 {
        let server = try Server(handler: { _ in
          .later {
            for _ in 0..<(round % 50) { await Task.yield() }
            return Server.text("late")
          }
        })
        let clients = try (0..<8).map { _ in try server.client() }
        for client in clients { try client.ask("/later") }
        for _ in 0..<(round % 30) { await Task.yield() }
        if round % 3 == 0 { await server.daemon.drain(for: .zero, clock: EagerClock()) }
        server.daemon.stop()
        #expect(server.daemon.connectionCount == 0)
      }
    }
  }
}

/// A clock on which no time passes: a sleep never returns.
private struct NoClock: Clock {
  typealias Instant = EagerClock.Instant

  var now: Instant { Instant(offset: .zero) }
  var minimumResolution: Duration { .zero }

  func sleep(until deadline: Instant, tolerance: Duration?) async throws {
    await withCheckedContinuation { continuation in
      NoClock.sleepers.withLock { $0.append(continuation) }
    }
  }

  private static let sleepers = Mutex<[CheckedContinuation<Void, Never>]>([])
}
