import TestSupport
import Testing

@testable import MicroHTTPD

@Suite("Daemon limits", .timeLimit(.minutes(1)))
struct DaemonLimitTests {
  private let broadcaster = Broadcaster()
  private let latch = Latch()

  private func server(configure: (inout DaemonConfiguration) -> Void) throws -> Server {
    try Server(configure: configure) { [broadcaster, latch] request in
      switch request.path {
      case "/events": .stream(broadcaster.subscribe())
      case "/up": .upgrade(Upgrade(protocol: "x") { _ in })
      case "/later":
        .later {
          await latch.pass()
          return Server.text("late")
        }
      case "/large": Server.text(String(repeating: "x", count: 8_000_000))
      default: Server.text("GET \(request.path)")
      }
    }
  }

  /// Clients whose connections the server has registered.
  private func clients(_ count: Int, of server: Server) throws -> [Client] {
    try (0..<count).map { _ in
      let client = try server.client()
      try client.ask("/")
      #expect(try client.answer().status == 200)
      return client
    }
  }

  // MARK: - Connections

  @Test(
    "A client beyond a limit is refused at its first request, but vital paths are answered",
    arguments: [DaemonLimit.connections, .connectionsPerAddress])
  func connections(limit: DaemonLimit) throws {
    let server = try server {
      $0.isVital = { $0 == "/alive" }
      if limit == .connections { $0.connectionLimit = 2 } else { $0.connectionLimitPerAddress = 2 }
    }
    let clients = try clients(2, of: server)
    let excess = try server.client()
    try excess.ask("/")
    let answer = try excess.answer()
    #expect(answer.status == 503)
    #expect(answer.body == "\(limit): 2")
    #expect(answer.headers["connection"] == "close")
    #expect(try excess.rest() == "")
    let vital = try server.client()
    try vital.ask("/alive")
    let alive = try vital.answer()
    #expect(alive.body == "GET /alive")
    #expect(alive.headers["connection"] == "close")
    try clients[0].ask("/again")
    #expect(try clients[0].answer().body == "GET /again")
    #expect(server.counts.now.refused == [limit: 1])
    #expect(server.notes.lines.count == 1)
    #expect(server.notes.lines[0].hasPrefix("1 refusal: "))
  }

  @Test("Beyond the spare connections a client is closed without an answer and counted")
  func noSpare() async throws {
    let server = try server {
      $0.connectionLimitPerAddress = 2
      $0.spareConnections = 2
    }
    let clients = try clients(2, of: server)
    let spare = try server.client()
    try await eventually { server.daemon.connectionCount == 3 }
    #expect(try server.client().rest() == "")
    #expect(server.counts.now.refused == [.connectionsPerAddress: 1])
    withExtendedLifetime((clients, spare)) {}
  }

  @Test("An ended connection makes room for another")
  func roomAgain() async throws {
    let server = try server { $0.connectionLimit = 2 }
    var clients = try clients(2, of: server)
    clients.removeLast()
    try await eventually { server.daemon.connectionCount == 1 }
    clients += try self.clients(1, of: server)
    #expect(server.counts.now.refused.isEmpty)
  }

  // MARK: - Shares

  @Test("Streams cannot exceed their share, and other requests are answered")
  func streams() async throws {
    let server = try server {
      $0.streamLimit = 2
      $0.streamLimitPerAddress = 2
    }
    var readers = try (0..<2).map { _ in try server.client() }
    for reader in readers {
      try reader.ask("/events")
      #expect(try reader.answer(hasBody: false).status == 200)
    }
    let excess = try server.client()
    try excess.ask("/events")
    let refusal = try excess.answer()
    #expect(refusal.status == 503)
    #expect(refusal.body == "streams: 2")
    #expect(try clients(1, of: server).count == 1)
    readers.removeLast()
    // The place is free when the server notices the end of the stream, which takes two comments.
    var hours: Int64 = 0
    try await eventually {
      hours += 1
      broadcaster.breakSilence(at: hours * 3_600_000_000_000)
      return server.counts.now.streams == 1
    }
    let next = try server.client()
    try next.ask("/events")
    #expect(try next.answer(hasBody: false).status == 200)
    withExtendedLifetime(readers) {}
  }

  @Test("Upgrades cannot exceed their share")
  func upgrades() throws {
    let server = try server { $0.upgradeLimit = 1 }
    let clients = try (0..<2).map { _ in try server.client() }
    for client in clients { try client.ask("/up") }
    let statuses = try clients.map { try $0.answer(hasBody: false).status }
    #expect(statuses.sorted() == [101, 503])
    #expect(server.counts.now.upgrades == 1)
  }

  @Test("Shares are derived from the connection limit")
  func defaults() {
    var configuration = DaemonConfiguration { _ in Server.text("").response }
    #expect(configuration.connectionLimit == 16_384)
    #expect(configuration.mostUpgrades == 12_288)
    #expect(configuration.mostStreams == 2_048)
    #expect(configuration.mostStreamsPerAddress == 512)
    configuration.connectionLimit = 64
    #expect(configuration.mostUpgrades + configuration.mostStreams == 56)
  }

  // MARK: - Answers

  @Test("Answers in progress are limited in total and per address")
  func waiting() async throws {
    for limit in [DaemonLimit.waitingAnswers, .waitingAnswersPerAddress] {
      let latch = Latch()
      let server = try Server(
        configure: {
          if limit == .waitingAnswers { $0.waitingLimit = 2 } else { $0.waitingLimitPerAddress = 2 }
        },
        handler: { _ in
          .later {
            await latch.pass()
            return Server.text("late")
          }
        })
      let clients = try (0..<2).map { _ in try server.client() }
      for client in clients { try client.ask("/") }
      try await eventually { latch.arrivals == 2 }
      let excess = try server.client()
      try excess.ask("/")
      let answer = try await excess.laterAnswer()
      #expect(answer.status == 503)
      #expect(answer.body == "\(limit): 2")
      latch.open()
      for client in clients { #expect(try await client.laterAnswer().body == "late") }
      try await eventually { server.counts.now.waitingAnswers == 0 }
    }
  }

  @Test("A client that does not read is ended after the measuring time; one that reads is not")
  func slowReader() async throws {
    let server = try server {
      $0.readingTime = .milliseconds(100)
      $0.readingRate = 1
    }
    let slow = try server.client(receiveBuffer: 4_096)
    try slow.ask("/large")
    try await eventually { slow.hasArrived }
    // The kernel acknowledges some bytes even if the client does not read; then one check sees no progress.
    try await eventually {
      server.endSlowClients()
      return server.counts.now.ended[.slowReader] == 1
    }
    try await eventually { server.daemon.connectionCount == 0 }
    let good = try server.client()
    try good.ask("/")
    #expect(try good.answer().status == 200)
    server.endSlowClients()
    server.endSlowClients()
    try good.ask("/")
    #expect(try good.answer().status == 200)
  }

  @Test("Clients that do not read hold no more than the limit, and a reading one is served")
  func unsent() async throws {
    let server = try server { $0.unsentLimit = 20_000_000 }
    // Each answer has its own body.
    let slow = try (0..<6).map { _ in try server.client(receiveBuffer: 4_096) }
    for client in slow {
      try client.ask("/large")
      try await eventually { client.hasArrived }
      #expect(server.counts.now.unsentBytes <= 20_000_000)
    }
    // The youngest answer may be too new to be judged.
    var answer: Client.Answer?
    repeat {
      let reader = try server.client()
      try reader.ask("/large")
      answer = try await reader.laterAnswer()
    } while answer?.status == 503
    #expect(answer?.body.utf8.count == 8_000_000)
    let counts = server.counts.now
    #expect((counts.ended[.unsentBytes] ?? 0) + (counts.refused[.unsentBytes] ?? 0) >= 4)
  }
}
