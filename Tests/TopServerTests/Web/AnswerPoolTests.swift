import Dispatch
import MicroHTTPD
import Synchronization
import Testing

@testable import TopServer

@Suite struct AnswerPoolTests {
  /// Blocks a pool of one thread until the test signals the semaphore.
  private static func held(_ pool: AnswerPool) async -> DispatchSemaphore {
    let gate = DispatchSemaphore(value: 0)
    await withCheckedContinuation { begun in
      _ = pool.submit(
        {
          begun.resume()
          gate.wait()
        }, for: "gate")
    }
    return gate
  }

  @Test func preparationGoesFirstAndClientsTakeTurns() async {
    let pool = AnswerPool(threads: 1)
    let gate = await Self.held(pool)
    let order = Latest<[String]>([])
    func submit(_ name: String, _ client: String) {
      let isQueued = pool.submit({ order.update { $0.append(name) } }, for: client)
      #expect(isQueued)
    }
    submit("a1", "a")
    submit("a2", "a")
    submit("b1", "b")
    pool.submitUrgent { order.update { $0.append("urgent") } }
    await withCheckedContinuation { done in
      _ = pool.submit({ done.resume() }, for: "c")
      submit("c2", "c")
      gate.signal()
    }
    #expect(order.value.prefix(3) == ["urgent", "a1", "b1"])
  }

  @Test func aClientAtItsLimitIsRefusedAndAnotherOneIsNot() async {
    let pool = AnswerPool(threads: 1, mostWaiting: 8, mostWaitingPerClient: 4)
    let gate = await Self.held(pool)
    let queued = ["a", "a", "a", "a", "a", "b"].map { pool.submit({}, for: $0) }
    #expect(queued == [true, true, true, true, false, true])
    gate.signal()
  }

  @Test func oneCPUStaysFree() {
    #expect([1, 2, 3, 64].map(AnswerPool.threads(forCPUs:)) == [1, 1, 2, 2])
  }
}
