import Testing

@testable import MicroHTTPD

@Suite("Connection")
struct ConnectionTests {
  @Test("A connection is overdue after its deadline, not at it")
  func deadline() {
    let connection = Connection(socket: -1, deadline: 100)
    #expect(!connection.isOverdue(at: 100))
    #expect(connection.isOverdue(at: 101))
    connection.setDeadline(200)
    #expect(!connection.isOverdue(at: 101))
  }

  @Test("A new request resets the state of the previous one")
  func begin() throws {
    let connection = Connection(socket: -1, deadline: 0)
    connection.begin(rawTarget: "/first")
    connection.phase = .answered
    connection.bodyBytes = 10
    connection.begin(rawTarget: "/second")
    #expect(connection.phase == .arriving)
    #expect(connection.bodyBytes == 0)
    #expect(try connection.target.get().path == "/second")
  }

  @Test("A repeated target is parsed correctly, even if malformed or after another one")
  func repeatedTargets() throws {
    let connection = Connection(socket: -1, deadline: 0)
    for raw in ["/a", "/a", "/%", "/%", "/a", "", "", "/b"] {
      connection.begin(rawTarget: raw)
      let expected = try? RequestTarget(raw)
      #expect((try? connection.target.get()) == expected)
    }
  }
}
