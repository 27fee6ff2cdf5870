import Testing

@testable import MicroHTTPD

@Suite("Unsent answers")
struct UnsentAnswersTests {
  private let answers = UnsentAnswers(limit: 1_000)
  private static let second: Int64 = 1_000_000_000

  private func connection() -> Connection { Connection(socket: -1, deadline: .max) }
  private func body(_ count: Int) -> Body { Body([UInt8](repeating: 0, count: count)) }

  /// - Parameter taken: The bytes that each client has received; 0 if it is missing.
  private func admit(
    _ connection: Connection, _ body: Body, at now: Int64 = 0,
    taken: [(Connection, Int64)] = []
  ) -> [Connection]? {
    answers.admit(connection, body, at: now) { one in taken.first { $0.0 === one }?.1 ?? 0 }
  }

  @Test("A body counts once for any number of clients, until the last has received it")
  func shared() {
    let body = body(600)
    let connections = (0..<3).map { _ in connection() }
    for connection in connections { #expect(admit(connection, body)?.isEmpty == true) }
    #expect(answers.total == 600)
    for connection in connections[..<2] { answers.release(connection) }
    #expect(answers.total == 600)
    answers.release(connections[2])
    answers.release(connections[2])
    #expect(answers.total == 0)
  }

  @Test("As few of the slowest clients as necessary are ended for a new one")
  func slowest() {
    let connections = (0..<3).map { _ in connection() }
    for connection in connections { #expect(admit(connection, body(300)) != nil) }
    let taken = [(connections[0], Int64(50)), (connections[1], 0), (connections[2], 20)]
    let victims = admit(connection(), body(500), at: Self.second, taken: taken)
    #expect(victims?.map { one in connections.firstIndex { $0 === one } } == [1, 2])
    #expect(answers.total == 800)
  }

  @Test("Young answers are not ended; the new one is refused and nothing changes")
  func young() {
    let first = connection()
    #expect(admit(first, body(800)) != nil)
    #expect(admit(connection(), body(300), at: Self.second / 10) == nil)
    #expect(answers.total == 800)
    #expect(admit(connection(), body(300), at: Self.second)?.first === first)
    #expect(answers.total == 300)
  }

  @Test("A single answer is admitted, however large it is")
  func alone() {
    let first = connection()
    #expect(admit(first, body(5_000))?.isEmpty == true)
    #expect(admit(connection(), body(1), at: 1) == nil)
    answers.release(first)
    #expect(admit(connection(), body(1))?.isEmpty == true)
  }

  @Test("A shared body makes room only after all its clients have ended")
  func sharedVictims() {
    let body = body(900)
    let connections = (0..<3).map { _ in connection() }
    for connection in connections { #expect(admit(connection, body) != nil) }
    #expect(admit(connection(), self.body(200), at: Self.second)?.count == 3)
    #expect(answers.total == 200)
  }
}
