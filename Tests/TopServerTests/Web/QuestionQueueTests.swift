import Testing

@testable import TopServer

@Suite struct QuestionQueueTests {
  private let empty = QuestionQueue(limits: .init(total: 5, perClient: 3))

  @Test func theFirstBeginsAndTheOthersWait() {
    var queue = empty
    #expect(queue.enter(1, of: "a") == .begins)
    #expect(queue.enter(2, of: "a") == .waits)
    #expect(queue.count == 1)
    #expect(queue.next() == 2)
    #expect(queue.next() == nil)
    #expect(queue.enter(3, of: "a") == .begins)
  }

  @Test func clientsTakeTurns() {
    var queue = empty
    _ = queue.enter(1, of: "a")
    for (ticket, client) in [(2, "a"), (3, "a"), (4, "b"), (5, "a"), (6, "c")] as [(UInt64, String)]
    {
      #expect(queue.enter(ticket, of: client) == .waits)
    }
    #expect((0..<5).map { _ in queue.next() } == [2, 4, 6, 3, 5])
    #expect(queue.next() == nil)
  }

  @Test func oneClientCannotTakeAllPlaces() {
    var queue = empty
    for ticket in 1...4 as ClosedRange<UInt64> { _ = queue.enter(ticket, of: "a") }
    #expect(queue.enter(5, of: "a") == .clientIsFull)
    #expect(queue.enter(6, of: "b") == .waits)
    #expect(queue.enter(7, of: "c") == .waits)
    #expect(queue.enter(8, of: "d") == .isFull)
    _ = queue.next()
    #expect(queue.enter(9, of: "d") == .waits)
  }

  @Test func aQuestionThatIsTakenBackMakesRoom() {
    var queue = empty
    for ticket in 1...4 as ClosedRange<UInt64> { _ = queue.enter(ticket, of: "a") }
    #expect(queue.leave(3, of: "a") == true)
    #expect(queue.leave(3, of: "a") == false)
    #expect(queue.leave(1, of: "a") == false, "it does not wait any more")
    #expect(queue.enter(5, of: "a") == .waits)
    #expect((0..<4).map { _ in queue.next() } == [2, 4, 5, nil])
  }

  @Test func aClientThatTookAllBackHasNoTurn() {
    var queue = empty
    _ = queue.enter(1, of: "a")
    _ = queue.enter(2, of: "b")
    _ = queue.enter(3, of: "c")
    #expect(queue.leave(2, of: "b") == true)
    #expect(queue.next() == 3)
    #expect(queue.count == 0)
  }
}
