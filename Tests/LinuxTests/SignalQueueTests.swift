import Testing

@testable import Linux

@Suite("The queue of termination signals")
struct SignalQueueTests {
  @Test("A closed queue accepts no signal")
  func closed() async {
    let queue = SignalQueue()
    #expect(!queue.deliver("SIGTERM"))
    queue.open()
    #expect(await queue.next(within: .zero) == nil)
    #expect(queue.deliver("SIGTERM"))
  }

  @Test("A signal that arrives while nothing waits is kept for the next wait, once")
  func pending() async {
    let queue = SignalQueue()
    queue.open()
    #expect(queue.deliver("SIGINT"))
    #expect(await queue.next(within: nil) == "SIGINT")
    #expect(await queue.next(within: .zero) == nil)
  }

  @Test("A wait opens the queue, and a signal ends all waits")
  func waiting() async {
    let queue = SignalQueue()
    async let first = queue.next(within: nil)
    async let second = queue.next(within: .seconds(3600))
    // The first signal may arrive before the second wait begins, which then gets the second one.
    while !queue.deliver("SIGTERM") { await Task.yield() }
    #expect(queue.deliver("SIGTERM"))
    let names = await [first, second]
    #expect(names == ["SIGTERM", "SIGTERM"])
  }
}
