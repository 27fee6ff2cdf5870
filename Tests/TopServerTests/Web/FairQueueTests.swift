import Testing

@testable import TopServer

@Suite struct FairQueueTests {
  private let empty = FairQueue<String, Int>(limits: .init(total: 10, perClient: 6))

  private func all(_ queue: inout FairQueue<String, Int>) -> [Int] {
    var items: [Int] = []
    while let item = queue.next() { items.append(item) }
    return items
  }

  @Test func clientsTakeTurns() {
    var queue = empty
    for item in 1...5 { #expect(queue.add(item, for: "much") == .waits) }
    for (item, client) in [(11, "little"), (12, "little"), (21, "one")] {
      #expect(queue.add(item, for: client) == .waits)
    }
    let items = all(&queue)
    #expect(items == [1, 11, 21, 2, 12, 3, 4, 5])
    #expect(queue.count == 0)
  }

  @Test func theQueueIsBoundedPerClientAndInTotal() {
    var queue = empty
    let much = (1...7).map { queue.add($0, for: "much") }
    #expect(much == Array(repeating: .waits, count: 6) + [.clientIsFull])
    let little = (11...14).map { queue.add($0, for: "little") }
    #expect(little == Array(repeating: .waits, count: 4))
    #expect(queue.add(21, for: "one") == .isFull)
    #expect(
      queue.add(8, for: "much") == .clientIsFull,
      "report the limit that the client can change")
    #expect(queue.next() == 1)
    #expect(queue.add(21, for: "one") == .waits)
    #expect(queue.count == 10)
  }

  @Test func aRemovedItemMakesRoom() {
    var queue = empty
    for item in 1...6 { _ = queue.add(item, for: "a") }
    #expect(queue.next() == 1)
    #expect(queue.add(7, for: "a") == .waits)
    #expect(queue.remove(3, of: "a") == true)
    #expect(queue.remove(3, of: "a") == false)
    #expect(queue.remove(1, of: "a") == false, "it does not wait any more")
    #expect(queue.add(8, for: "a") == .waits)
    let items = all(&queue)
    #expect(items == [2, 4, 5, 6, 7, 8])
  }

  @Test func aClientWithoutItemsHasNoTurn() {
    var queue = empty
    _ = queue.add(2, for: "b")
    _ = queue.add(3, for: "c")
    #expect(queue.remove(2, of: "b") == true)
    #expect(queue.next() == 3)
    #expect(queue.count == 0)
  }
}
