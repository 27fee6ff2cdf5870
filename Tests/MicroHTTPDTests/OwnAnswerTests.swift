import Synchronization
import TestSupport
import Testing

@testable import MicroHTTPD

/// The same limits apply to answers that the server sends itself as to all others.
@Suite("Own answers", .timeLimit(.minutes(1)))
struct OwnAnswerTests {
  /// The kinds of requests that get such an answer.
  enum Form: CaseIterable, Sendable {
    /// A later reply to a client that has shut down its sending side.
    case halfClosed
    /// A Content-Length with a trailing blank.
    case padded
  }

  private let latch = Latch()
  private let waiting = Latch()
  private let requests = Counter()

  private final class Counter: Sendable {
    let value = Atomic(0)
  }

  /// Answers with 8 MB below `/large`, more than the kernel buffers for a client that does not read.
  private func server(configure: (inout DaemonConfiguration) -> Void = { _ in }) throws -> Server {
    try Server(configure: configure) { [latch, waiting, requests] request in
      if request.path == "/waiting" {
        return .later {
          await waiting.pass()
          return Server.text("waited")
        }
      }
      requests.value.add(1, ordering: .relaxed)
      let isLarge = request.path.hasPrefix("/large")
      let text = isLarge ? String(repeating: "x", count: 8_000_000) : "GET \(request.path)"
      guard request.header("X-Later") != nil else { return Server.text(text) }
      return .later {
        await latch.pass()
        return Server.text(text)
      }
    }
  }

  /// A client whose request the server answers itself.
  private func ask(_ path: String, _ form: Form, of server: Server, reads: Bool = false)
    async throws
    -> Client
  {
    let client = try server.client(receiveBuffer: reads ? nil : 4_096)
    switch form {
    case .padded: try client.ask(path, headers: ["Content-Length: 0 "])
    case .halfClosed:
      let arrivals = latch.arrivals
      try client.ask(path, headers: ["X-Later: 1"])
      client.endSending()
      try await eventually { latch.arrivals > arrivals || client.hasArrived }
    }
    return client
  }

  @Test(
    "A client that reads gets the whole answer once, and the connection ends",
    arguments: Form.allCases)
  func whole(form: Form) async throws {
    let server = try server()
    latch.open()
    for _ in 0..<3 {
      let client = try await ask("/large", form, of: server, reads: true)
      let answer = try await client.laterAnswer()
      #expect(answer.status == 200)
      #expect(answer.body.utf8.count == 8_000_000)
      #expect(answer.headers["connection"] == "close")
      #expect(try await client.laterRest() == "")
      try await eventually { server.daemon.connectionCount == 0 }
      #expect(server.counts.now.waitingAnswers == 0)
      #expect(server.counts.now.unsentBytes == 0)
    }
  }

  @Test("A client that does not read its answer is ended", arguments: Form.allCases)
  func slowReader(form: Form) async throws {
    let server = try server {
      $0.readingTime = .milliseconds(100)
      $0.readingRate = 1
    }
    latch.open()
    let client = try await ask("/large", form, of: server)
    try await eventually { client.hasArrived }
    #expect(server.counts.now.waitingAnswers == 1)
    #expect(server.counts.now.unsentBytes == 8_000_000)
    try await eventually {
      server.endSlowClients()
      return server.counts.now.ended[.slowReader] == 1
    }
    try await eventually { server.daemon.connectionCount == 0 }
    #expect(server.counts.now.waitingAnswers == 0)
    #expect(server.counts.now.unsentBytes == 0)
  }

  @Test("A client whose time for its answer is over is ended", arguments: Form.allCases)
  func answerTime(form: Form) async throws {
    let server = try server { $0.answerTimeout = .nanoseconds(1) }
    latch.open()
    let client = try await ask("/large", form, of: server)
    try await eventually { client.hasArrived }
    try await eventually {
      server.endSlowClients()
      return server.daemon.connectionCount == 0
    }
    // The time may be over before or after the first byte.
    let ended = server.counts.now.ended
    #expect(ended == [.slowReader: 1] || ended == [.slowRequest: 1])
  }

  @Test("Large answers hold no more bytes than the limit", arguments: Form.allCases)
  func unsent(form: Form) async throws {
    let server = try server {
      $0.unsentLimit = 20_000_000
      $0.halfClosedLimitPerAddress = 8
    }
    latch.open()
    var clients: [Client] = []
    for _ in 0..<6 {
      clients.append(try await ask("/large", form, of: server))
      try await eventually { clients.last?.hasArrived == true }
      let bytes = server.counts.now.unsentBytes
      #expect(bytes > 0 && bytes <= 20_000_000)
    }
    let counts = server.counts.now
    #expect((counts.ended[.unsentBytes] ?? 0) + (counts.refused[.unsentBytes] ?? 0) >= 4)
    clients.removeAll()
    try await eventually {
      server.counts.now.unsentBytes == 0 && server.daemon.connectionCount == 0
    }
  }

  @Test(
    "They count as waiting until they are sent; beyond the limit a request is refused and not handled",
    arguments: Form.allCases)
  func places(form: Form) async throws {
    let server = try server { $0.waitingLimitPerAddress = 2 }
    latch.open()
    var clients: [Client] = []
    for _ in 0..<2 {
      clients.append(try await ask("/large", form, of: server))
      try await eventually { clients.last?.hasArrived == true }
    }
    let before = requests.value.load(ordering: .relaxed)
    let excess = try server.client()
    try excess.ask("/small", headers: ["Content-Length: 0 "])
    let refusal = try await excess.laterAnswer()
    #expect(refusal.status == 503)
    #expect(refusal.body == "waitingAnswersPerAddress: 2")
    #expect(try await excess.laterRest() == "")
    #expect(requests.value.load(ordering: .relaxed) == before)
    #expect(server.counts.now.waitingAnswers == 2)
    clients.removeAll()
    try await eventually { server.counts.now.waitingAnswers == 0 }
    let next = try await ask("/small", form, of: server, reads: true)
    #expect(try await next.laterAnswer().body == "GET /small")
  }

  @Test("Half-closed clients are limited until their answers are sent", arguments: [true, false])
  func halfClosed(isLimitPerAddress: Bool) async throws {
    let server = try server {
      if isLimitPerAddress { $0.halfClosedLimitPerAddress = 1 } else { $0.halfClosedLimit = 1 }
    }
    latch.open()
    let first = try await ask("/large", .halfClosed, of: server)
    try await eventually { first.hasArrived }
    let excess = try server.client()
    try excess.ask("/waiting")
    excess.endSending()
    #expect(try await excess.laterAnswer().body == "left")
    #expect(server.counts.now.ended[.clientLeft] == 1)
    let elsewhere = try server.client(address: 2)
    try elsewhere.ask("/waiting")
    elsewhere.endSending()
    if isLimitPerAddress {
      waiting.open()
      #expect(try await elsewhere.laterAnswer().body == "waited")
    } else {
      #expect(try await elsewhere.laterAnswer().body == "left")
      waiting.open()
    }
    withExtendedLifetime(first) {}
  }

  @Test("A hundred stops during such answers do not abort and leak nothing")
  func stopsAnywhere() async {
    await #expect(processExitsWith: .success) {
      let replies = [10, 8_000_000].map { Server.text(String(repeating: "x", count: $0)) }
      for round in 0..<100 {
        let server = try Server(handler: { request in
          let reply = replies[round % 2]
          guard request.path == "/later" else { return reply }
          return .later {
            for _ in 0..<(round % 20) { await Task.yield() }
            return reply
          }
        })
        let clients = try (0..<8).map { _ in try server.client(receiveBuffer: 4_096) }
        for (index, client) in clients.enumerated() {
          if index % 2 == 0 {
            try client.ask("/", headers: ["Content-Length: 0 "])
          } else {
            try client.ask("/later")
            client.endSending()
          }
        }
        for _ in 0..<(round % 30) { await Task.yield() }
        if round % 3 == 0 { await server.daemon.drain(for: .zero, clock: EagerClock()) }
        server.daemon.stop()
        #expect(server.daemon.connectionCount == 0)
      }
    }
  }
}
