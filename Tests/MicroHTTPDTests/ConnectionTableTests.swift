import Glibc
import Testing

@testable import MicroHTTPD

@Suite("Connection table")
struct ConnectionTableTests {
  @Test("The overdue are shut down and the others are not")
  func overdue() throws {
    let table = ConnectionTable()
    let pairs = try [90, 99, 100, 101, 500].map { try Pair(deadline: $0) }
    for pair in pairs { table.add(pair.connection) }
    table.endOverdue(at: 100)
    #expect(pairs.map(\.isShutDown) == [true, true, false, false, false])
  }

  @Test("Ending the overdue once more does no harm: they stay until they are removed")
  func again() throws {
    let table = ConnectionTable()
    let pair = try Pair(deadline: 1)
    table.add(pair.connection)
    table.endOverdue(at: 2)
    table.endOverdue(at: 3)
    #expect(pair.isShutDown)
    #expect(table.count == 1)
  }

  @Test("A connection that was removed is left alone: its number may be another file's by then")
  func removed() throws {
    let table = ConnectionTable()
    let pair = try Pair(deadline: 1)
    table.add(pair.connection)
    table.remove(pair.connection)
    table.endOverdue(at: 100)
    #expect(!pair.isShutDown)
    #expect(table.count == 0)
  }

  @Test("One connection is shut down at once, unless it was removed")
  func one() throws {
    let table = ConnectionTable()
    let pairs = try (0..<3).map { _ in try Pair(deadline: .max) }
    for pair in pairs { table.add(pair.connection) }
    table.remove(pairs[1].connection)
    for pair in pairs[..<2] { table.end(pair.connection) }
    #expect(pairs.map(\.isShutDown) == [true, false, false])
  }

  @Test("Removing what was never added changes nothing")
  func unknown() throws {
    let table = ConnectionTable()
    let known = try Pair(deadline: 1)
    table.add(known.connection)
    table.remove(try Pair(deadline: 1).connection)
    #expect(table.count == 1)
  }
}

/// Our end of a connected pair of sockets as a connection, and the client's end to look at.
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
