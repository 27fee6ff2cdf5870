import Glibc
import Linux
import Synchronization
import TestSupport
import Testing

@testable import MicroHTTPD

@Suite("Upgrade", .timeLimit(.minutes(1)))
struct UpgradeTests {
  /// The owner of all upgraded connections, in order.
  private final class Owner: Sendable {
    private let held = Mutex<[UpgradedConnection]>([])

    var connections: [UpgradedConnection] { held.withLock { $0 } }

    func keep(_ connection: UpgradedConnection) { held.withLock { $0.append(connection) } }

    /// Releases the connections, so that a test of other things does not depend on what they own.
    func forget() { held.withLock { $0 = [] } }

    /// Echoes what has arrived so far on the connection at this index from the end.
    func echo(_ index: Int) throws {
      let connection = connections[index]
      var buffer = [UInt8](repeating: 0, count: 100)
      guard case .bytes(let count) = StreamSocket(connection.socket).receive(into: &buffer) else {
        throw Client.Trouble(what: "nothing came", code: 0)
      }
      _ = StreamSocket(connection.socket).send(buffer[..<count])
    }
  }

  private let owner = Owner()

  private func server(configure: (inout DaemonConfiguration) -> Void = { _ in }) throws -> Server {
    try Server(configure: configure) { [owner] request in
      guard request.path == "/up" else { return Server.text("\(request.method) \(request.path)") }
      return .upgrade(
        Upgrade(protocol: "echo", headers: [.init("X-Extra", "yes")]) { owner.keep($0) })
    }
  }

  private func upgraded(_ server: Server) async throws -> Client {
    let client = try server.client()
    let before = owner.connections.count
    try client.ask("/up")
    #expect(try client.answer(hasBody: false).status == 101)
    try await eventually { owner.connections.count > before }
    return client
  }

  // MARK: - Taking over

  @Test("The 101 has its headers, and then the owner controls the socket")
  func takeOver() async throws {
    let server = try server()
    let client = try server.client()
    try client.ask("/before")
    #expect(try client.answer().body == "GET /before")
    try client.ask("/up")
    let answer = try client.answer(hasBody: false)
    #expect(answer.status == 101)
    #expect(answer.headers["upgrade"] == "echo")
    #expect(answer.headers["connection"]?.lowercased() == "upgrade")
    #expect(answer.headers["x-extra"] == "yes")
    try await eventually { owner.connections.count == 1 }
    let connection = owner.connections[0]
    #expect(connection.peerAddress == "127.0.0.1")
    #expect(connection.earlyBytes.isEmpty)
    try client.send("hello")
    var file = pollfd(fd: connection.socket, events: Int16(POLLIN), revents: 0)
    #expect(unsafe poll(&file, 1, 30_000) == 1)
    try owner.echo(0)
    connection.close()
    #expect(try client.rest() == "hello")
    try await eventually { server.daemon.connectionCount == 0 }
    #expect(server.daemon.upgradedCount == 0)
  }

  @Test("Bytes sent with the request go to the owner")
  func earlyBytes() async throws {
    let server = try server()
    let client = try server.client()
    try client.send("GET /up HTTP/1.1\r\nHost: localhost\r\n\r\nfirst words")
    #expect(try client.answer(hasBody: false).status == 101)
    try await eventually { owner.connections.count == 1 }
    #expect(owner.connections[0].earlyBytes == Array("first words".utf8))
    owner.connections[0].close()
  }

  @Test("HTTP/1.0 has no upgrade, and the client is refused")
  func oldVersion() throws {
    let server = try server()
    let client = try server.client()
    try client.send("GET /up HTTP/1.0\r\nHost: localhost\r\n\r\n")
    #expect(try client.rest().contains("a change of protocol needs HTTP/1.1"))
    #expect(owner.connections.isEmpty)
  }

  @Test("A connection is closed once, even if close is called repeatedly")
  func closedOnce() async throws {
    let server = try server()
    let client = try await upgraded(server)
    let connection = owner.connections[0]
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<20 { group.addTask { connection.close() } }
    }
    #expect(try client.rest() == "")
    try await eventually { server.daemon.connectionCount == 0 }
    connection.close()
  }

  @Test("Two hundred upgrades that end in any order leak nothing")
  func many() async throws {
    let server = try server()
    var clients: [Client] = []
    for _ in 0..<200 { clients.append(try await upgraded(server)) }
    #expect(server.daemon.upgradedCount == 200)
    // Some clients leave first, some owners close first.
    clients.removeFirst(100)
    for connection in owner.connections.shuffled() { connection.close() }
    try await eventually { server.daemon.connectionCount == 0 }
    #expect(server.daemon.upgradedCount == 0)
    try clients[0].send("x")
    let other = try server.client()
    try other.ask("/after")
    #expect(try other.answer().body == "GET /after")
  }

  @Test("A client that leaves before the 101 does not stay an upgraded connection")
  func goesAway() async throws {
    let server = try server()
    for _ in 0..<20 {
      let client = try server.client()
      try client.ask("/up")
    }
    try await eventually {
      for connection in owner.connections { connection.close() }
      return server.daemon.connectionCount == 0 && server.daemon.requestCount == 20
    }
  }

  // MARK: - Limits and times

  @Test("An upgrade counts as a connection, but not as a request in progress")
  func counts() async throws {
    let server = try server { $0.connectionLimitPerAddress = 2 }
    let first = try await upgraded(server)
    let second = try await upgraded(server)
    let excess = try server.client()
    try excess.ask("/x")
    #expect(try excess.answer().status == 503)
    #expect(try excess.rest() == "")
    try await eventually { server.daemon.connectionCount == 2 }
    owner.connections[0].close()
    #expect(try first.rest() == "")
    try await eventually { server.daemon.connectionCount == 1 }
    let third = try server.client()
    try third.ask("/x")
    #expect(try third.answer().status == 200)
    owner.connections[1].close()
    #expect(try second.rest() == "")
  }

  @Test("An upgraded connection may be silent indefinitely")
  func silent() async throws {
    let server = try server {
      $0.headerTimeout = .nanoseconds(1)
      $0.answerTimeout = .nanoseconds(1)
      $0.idleTimeout = 1
    }
    let client = try await upgraded(server)
    for _ in 0..<3 { try await server.endSlowClientsOnce() }
    #expect(!client.hasArrived)
    owner.connections[0].close()
    #expect(try client.rest() == "")
  }

  // MARK: - Stopping

  @Test("Draining waits until the owners close their connections")
  func drainWaits() async throws {
    let server = try server()
    let client = try await upgraded(server)
    let connection = owner.connections[0]
    let clock = EagerClock { sleeps in if sleeps == 5 { connection.close() } }
    await server.daemon.drain(for: .seconds(100_000), clock: clock)
    #expect(clock.elapsed >= .milliseconds(50))
    #expect(clock.elapsed < .seconds(100_000))
    server.daemon.stop()
    #expect(try client.rest() == "")
  }

  @Test("At the time limit of draining, the owners see an end of stream")
  func drainGivesUp() async throws {
    let server = try server()
    let client = try await upgraded(server)
    await server.daemon.drain(for: .milliseconds(20), clock: EagerClock())
    var buffer = [UInt8](repeating: 0, count: 10)
    #expect(StreamSocket(owner.connections[0].socket).receive(into: &buffer) == .end)
    owner.connections[0].close()
    server.daemon.stop()
    #expect(try client.rest() == "")
  }

  @Test("While the server drains, upgrades are refused")
  func noneAfterDrain() async throws {
    let server = try server()
    let client = try server.client()
    try client.ask("/x")
    #expect(try client.answer().status == 200)
    await server.daemon.drain(for: .zero, clock: EagerClock())
    try client.ask("/up")
    #expect(try client.answer().status == 503)
    #expect(owner.connections.isEmpty)
  }

  @Test("Closing after the server has stopped is harmless")
  func closedAfterStop() async throws {
    let server = try server()
    let client = try await upgraded(server)
    server.daemon.stop()
    #expect(try client.rest() == "")
    owner.connections[0].close()
    #expect(server.daemon.upgradedCount == 0)
  }

  @Test("A connection that has ended does not keep its server alive", arguments: Ending.allCases)
  func endedConnectionsOwnNothing(_ ending: Ending) async throws {
    // The server has the handler, the handler has the owner, and the owner keeps the connection.
    let former = try await UpgradeTests.ownerOfAnEndedConnection(ending)
    #expect(former.owner == nil)
  }

  /// What ends an upgraded connection.
  enum Ending: CaseIterable { case close, stop }

  /// An owner that only its own server can still keep alive.
  private struct FormerOwner {
    weak var owner: Owner?
  }

  private static func ownerOfAnEndedConnection(_ ending: Ending) async throws -> FormerOwner {
    let owner = Owner()
    let server = try Server(handler: { _ in
      .upgrade(Upgrade(protocol: "echo") { owner.keep($0) })
    })
    let client = try server.client()
    try client.ask("/up")
    try await eventually { !owner.connections.isEmpty }
    switch ending {
    case .close: owner.connections[0].close()
    case .stop: server.daemon.stop()
    }
    return FormerOwner(owner: owner)
  }

  @Test("Two hundred stops with connections in all states do not abort and leak nothing")
  func stopsAnywhere() async {
    // This needs its own process: an abort would end all tests.
    await #expect(processExitsWith: .success) {
      try await OpenFiles.warmUp()
      try await UpgradeTests.endOnce(0)
      let before = try OpenFiles.count()
      for number in 0..<200 { try await UpgradeTests.endOnce(number) }
      try await eventually { try OpenFiles.count() <= before }
    }
  }

  private static func endOnce(_ number: Int) async throws {
    let owner = Owner()
    let server = try Server(handler: { _ in
      .upgrade(Upgrade(protocol: "echo") { owner.keep($0) })
    })
    let clients = try (0..<8).map { _ in try server.client() }
    for client in clients { try client.ask("/up") }
    for _ in 0..<(number % 40) { await Task.yield() }
    let closing = Task {
      for connection in owner.connections where number % 2 == 0 { connection.close() }
    }
    if number % 3 == 0 { await server.daemon.drain(for: .zero, clock: EagerClock()) }
    server.daemon.stop()
    await closing.value
    for connection in owner.connections { connection.close() }
    owner.forget()
    #expect(server.daemon.connectionCount == 0)
  }
}
