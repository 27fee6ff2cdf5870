import Testing

@testable import WebSocket

@Suite("Deadline queue")
struct DeadlineQueueTests {
  @Test(
    "The earliest deadline comes first, regardless of insertion order, and none before it is due")
  func order() {
    var random = SeededGenerator(seed: 7)
    var queue = DeadlineQueue()
    let moments = (0..<1000).map { _ in Int64.random(in: 0..<500, using: &random) }
    for (owner, moment) in moments.enumerated() { queue.add(UInt64(owner), at: moment) }
    var taken: [DeadlineQueue.Entry] = []
    for now in Int64(0)..<500 {
      while let entry = queue.takeDue(at: now) {
        #expect(entry.moment == now)
        taken.append(entry)
      }
      #expect(queue.next.map { $0 > now } ?? true)
    }
    #expect(taken.map(\.moment) == moments.sorted())
    #expect(Set(taken.map(\.owner)).count == 1000)
    #expect(queue.count == 0)
    #expect(queue.next == nil)
  }
}
