import Testing

@testable import TopServer

@Suite struct FairQueueTests {
  private var queue = FairQueue<String, Int>(most: 10, mostPerClient: 6)

  private mutating func all() -> [Int] {
    var items: [Int] = []
    while let item = queue.next() { items.append(item) }
    return items
  }

  @Test mutating func clientsTakeTurns() {
    let added = (1...5).map { queue.add($0, for: "much") }
    let others = [
      queue.add(11, for: "little"), queue.add(12, for: "little"), queue.add(21, for: "one"),
    ]
    #expect((added + others).allSatisfy { $0 })
    let items = all()
    #expect(items == [1, 11, 21, 2, 12, 3, 4, 5])
    #expect(queue.count == 0)
  }

  @Test mutating func itIsBoundedForEachClientAndInAll() {
    let much = (1...7).map { queue.add($0, for: "much") }
    #expect(much == [true, true, true, true, true, true, false])
    let little = (11...14).map { queue.add($0, for: "little") }
    #expect(little == [true, true, true, true])
    let tooMuch = queue.add(21, for: "one")
    #expect(!tooMuch)
    let first = queue.next()
    let another = queue.add(21, for: "one")
    #expect(first == 1 && another)
    #expect(queue.count == 10)
  }
}
