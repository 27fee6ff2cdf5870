import Glibc
import Linux
import Testing

@testable import MicroHTTPD

@Suite("Connection table")
struct ConnectionTableTests {
  @Test("Only overdue connections are shut down")
  func overdue() throws {
    let table = ConnectionTable()
    let pairs = try [90, 99, 100, 101, 500].map { try Pair(deadline: $0) }
    for pair in pairs { table.add(pair.connection) }
    table.endOverdue(at: 100)
    #expect(pairs.map(\.isShutDown) == [true, true, false, false, false])
  }

  @Test("Overdue connections can be ended twice and stay until they are removed")
  func again() throws {
    let table = ConnectionTable()
    let pair = try Pair(deadline: 1)
    table.add(pair.connection)
    table.endOverdue(at: 2)
    table.endOverdue(at: 3)
    #expect(pair.isShutDown)
    #expect(table.count == 1)
  }

  @Test("A removed connection is not shut down, since its descriptor may be reused")
  func removed() throws {
    let table = ConnectionTable()
    let pair = try Pair(deadline: 1)
    table.add(pair.connection)
    table.remove(pair.connection)
    table.endOverdue(at: 100)
    #expect(!pair.isShutDown)
    #expect(table.count == 0)
  }

  @Test("A single connection is shut down unless it was removed")
  func one() throws {
    let table = ConnectionTable()
    let pairs = try (0..<3).map { _ in try Pair(deadline: .max) }
    for pair in pairs { table.add(pair.connection) }
    table.remove(pairs[1].connection)
    for pair in pairs[..<2] { table.end(pair.connection) }
    #expect(pairs.map(\.isShutDown) == [true, false, false])
  }

  // MARK: - Shares

  @Test("Streams are limited in total and per address, and ended ones make room")
  func streams() {
    let table = ConnectionTable()
    let connections = ["10.0.0.1", "10.0.0.1", "10.0.0.1", "10.0.0.2", "10.0.0.3"].map {
      Connection(socket: -1, deadline: .max, address: AddressKey($0))
    }
    for connection in connections { table.add(connection) }
    let first = connections.map { table.beginStream($0, most: 3, perAddress: 2) }
    #expect(first == [nil, nil, .streamsPerAddress, nil, .streams])
    #expect(table.streamCount == 3)
    table.endUse(of: connections[0])
    table.remove(connections[3])
    table.remove(connections[3])
    #expect(table.streamCount == 1)
    #expect(table.beginStream(connections[2], most: 3, perAddress: 2) == nil)
    #expect(table.counts(of: AddressKey("10.0.0.1")) == (4, 3))
  }

  @Test("Upgrades are limited")
  func upgrades() {
    let table = ConnectionTable()
    let connections = (0..<2).map { _ in Connection(socket: -1, deadline: .max) }
    for connection in connections { table.add(connection) }
    #expect(connections.map { table.beginUpgrade($0, most: 1) } == [nil, .upgrades])
    table.remove(connections[0])
    #expect(table.upgradeCount == 0)
    #expect(table.beginUpgrade(connections[1], most: 1) == nil)
  }

  // MARK: - Slow and idle connections

  private static let second: Int64 = 1_000_000_000

  @Test("A client that receives too slowly is ended; others are not")
  func slowReaders() throws {
    let table = ConnectionTable()
    let pairs = try (0..<4).map { _ in try Pair(deadline: .max) }
    for pair in pairs {
      table.add(pair.connection)
      pair.connection.beginAnswer(at: 1)
    }
    func look(at seconds: Int64, _ bytes: [Int64]) -> Int {
      table.endSlowReaders(at: seconds * Self.second + 1, rate: 100, over: 10 * Self.second) {
        one in
        bytes[pairs.firstIndex { $0.connection === one } ?? 0]
      }
    }
    // The third has started another answer. The acknowledged bytes of the fourth are unknown.
    #expect(look(at: 1, [0, 0, 0, -1]) == 0)
    pairs[2].connection.beginAnswer(at: 5 * Self.second)
    #expect(look(at: 10, [999, 999, 0, -1]) == 0)
    #expect(look(at: 11, [1_000, 999, 0, -1]) == 1)
    #expect(pairs.map(\.isShutDown) == [false, true, false, false])
    // Each period of ten seconds is measured separately.
    pairs[2].connection.endAnswer()
    #expect(look(at: 21, [1_500, 999, 0, -1]) == 1)
    #expect(pairs.map(\.isShutDown) == [true, true, false, false])
  }

  @Test("The connections idle longest make room, but none that is or was just busy")
  func idlest() throws {
    let table = ConnectionTable()
    let pairs = try (0..<5).map { _ in try Pair(deadline: .max) }
    for (index, pair) in pairs.enumerated() {
      table.add(pair.connection)
      pair.connection.rest(at: Int64(5 - index) * Self.second)
    }
    pairs[4].connection.beginExchange()
    #expect(table.beginStream(pairs[3].connection, most: 1, perAddress: 1) == nil)
    #expect(table.endIdlest(1, at: 5 * Self.second) == 1)
    #expect(pairs.map(\.isShutDown) == [false, false, true, false, false])
    // Not again within a tenth of a second.
    #expect(table.endIdlest(5, at: 5 * Self.second) == 0)
    #expect(table.endIdlest(5, at: 5 * Self.second + 200_000_000) == 1)
    #expect(pairs.map(\.isShutDown) == [false, true, true, false, false])
  }

  @Test("Small unsent answers that exceed the limit in total are ended, oldest first")
  func longestAnswers() throws {
    let table = ConnectionTable()
    let pairs = try (0..<4).map { _ in try Pair(deadline: .max) }
    let bodies = [300, 300, 400, 9_000].map { Body([UInt8](repeating: 0, count: $0)) }
    for (index, pair) in pairs.enumerated() {
      table.add(pair.connection)
      pair.connection.beginAnswer(at: 1 + Int64(index) * Self.second)
      pair.connection.send(bodies[index])
    }
    #expect(table.endLongestAnswers(at: 10 * Self.second, below: 1_000, beyond: 1_000) == 0)
    #expect(table.endLongestAnswers(at: 10 * Self.second, below: 1_000, beyond: 900) == 1)
    #expect(pairs.map(\.isShutDown) == [true, false, false, false])
    // Two clients that receive the same body hold it once.
    pairs[2].connection.send(bodies[1])
    #expect(table.endLongestAnswers(at: 10 * Self.second, below: 1_000, beyond: 300) == 0)
    #expect(table.endLongestAnswers(at: 10 * Self.second, below: 1_000, beyond: 299) == 2)
  }

  @Test("Removing an unknown connection changes nothing")
  func unknown() throws {
    let table = ConnectionTable()
    let known = try Pair(deadline: 1)
    table.add(known.connection)
    table.remove(try Pair(deadline: 1).connection)
    #expect(table.count == 1)
  }
}

/// A connected pair of sockets: our end as a connection, and the client's end.
private final class Pair {
  let connection: Connection
  private let client: Int32

  init(deadline: Int64) throws {
    var ends: [Int32] = [-1, -1]
    let type = Int32(SOCK_STREAM.rawValue)
    try #require(unsafe socketpair(AF_UNIX, type, 0, &ends) == 0)
    connection = Connection(socket: ends[0], deadline: deadline)
    client = ends[1]
  }

  deinit {
    close(connection.socket)
    close(client)
  }

  /// Whether the client sees the end of the stream.
  var isShutDown: Bool {
    var byte: UInt8 = 0
    return unsafe recv(client, &byte, 1, Int32(MSG_DONTWAIT)) == 0
  }
}
