import Linux
import Synchronization
import Testing

@testable import MicroHTTPD

@Suite("Delivery of a reply")
struct DeliveryTests {
  private func service(_ configure: (inout DaemonConfiguration) -> Void = { _ in }) throws
    -> Service
  {
    var configuration = DaemonConfiguration { refusal in
      Response(status: 503, headers: [], body: Body(Array("\(refusal)".utf8)))
    }
    configure(&configuration)
    return try Service(configuration: configuration) { _ in Server.text("unused") }
  }

  private func connection(_ service: Service, _ address: String = "10.0.0.1") -> Connection {
    let connection = Connection(socket: -1, deadline: .max, address: AddressKey(address))
    service.connections.add(connection)
    return connection
  }

  /// The delivery as text, for comparison.
  private func delivery(
    _ reply: Reply, _ service: Service, on connection: Connection, toHead: Bool = false
  ) -> String {
    switch service.delivery(of: reply, on: connection, isToHead: toHead) {
    case .response(_, let status): "response \(status)"
    case .refusal(let refusal): "refusal \(refusal)"
    case .wait: "wait"
    case .streamHead(let headers): "head of \(headers.count) headers"
    case .stream: "stream"
    case .upgrade: "upgrade"
    }
  }

  private func large() -> Reply {
    Reply(
      Response(
        status: 200, headers: [],
        body: Body([UInt8](repeating: 0x78, count: UnsentAnswers.threshold))))
  }

  private var stream: Reply { .stream(Broadcaster().subscribe(after: nil)) }
  private var upgrade: Reply { .upgrade(Upgrade(protocol: "echo") { $0.close() }) }

  @Test("A response is sent, but a large one only within the limit of unsent bytes")
  func responses() throws {
    let service = try service { $0.unsentLimit = 0 }
    let connection = connection(service)
    #expect(delivery(Server.text("a"), service, on: connection) == "response 200")
    let other = self.connection(service, "10.0.0.2")
    // A single answer is always admitted. It starts far in the future, so it is too young to be ended for the next.
    _ = service.unsent.admit(
      other, Body([UInt8](repeating: 0x78, count: UnsentAnswers.threshold)), at: .max / 2
    ) { _ in 0 }
    #expect(delivery(large(), service, on: connection).hasPrefix("refusal tooMany"))
    #expect(!connection.holdsLargeAnswer)
    service.unsent.release(other)
    #expect(delivery(large(), service, on: connection) == "response 200")
    #expect(connection.holdsLargeAnswer)
  }

  @Test("Answers without a body do not count as unsent bytes: to HEAD, and of status 304")
  func bodiless() throws {
    let service = try service()
    let connection = connection(service)
    #expect(delivery(large(), service, on: connection, toHead: true) == "response 200")
    guard case .ready(let response, _) = large() else { return }
    #expect(delivery(Reply(response, status: 304), service, on: connection) == "response 304")
    #expect(!connection.holdsLargeAnswer)
    #expect(service.unsent.total == 0)
  }

  @Test("Later replies are limited")
  func later() throws {
    let reply = Reply.later { Server.text("a") }
    let service = try service { $0.waitingLimit = 0 }
    #expect(delivery(reply, service, on: connection(service)).hasPrefix("refusal tooMany"))
    let other = try self.service()
    #expect(delivery(reply, other, on: connection(other)) == "wait")
  }

  @Test("Streams are limited, but not the answers to HEAD")
  func streams() throws {
    let service = try service { $0.streamLimit = 1 }
    #expect(
      delivery(stream, service, on: connection(service), toHead: true) == "head of 3 headers")
    #expect(service.connections.streamCount == 0)
    #expect(delivery(stream, service, on: connection(service)) == "stream")
    #expect(service.connections.streamCount == 1)
    #expect(delivery(stream, service, on: connection(service)).hasPrefix("refusal tooMany"))
  }

  @Test("Upgrades are limited, and a cancelled one no longer counts")
  func upgrades() throws {
    let service = try service { $0.upgradeLimit = 1 }
    let first = connection(service)
    #expect(delivery(upgrade, service, on: first) == "upgrade")
    #expect(delivery(upgrade, service, on: connection(service)).hasPrefix("refusal tooMany"))
    service.cancelUpgrade(of: first)
    #expect(delivery(upgrade, service, on: connection(service)) == "upgrade")
  }

  @Test("A stopping server refuses upgrades")
  func draining() throws {
    let service = try service()
    service.isDraining.store(true, ordering: .relaxed)
    #expect(delivery(upgrade, service, on: connection(service)) == "refusal stopping")
  }
}
