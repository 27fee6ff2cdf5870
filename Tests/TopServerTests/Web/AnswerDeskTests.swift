import Dispatch
import Linux
import MicroHTTPD
import Synchronization
import Testing

@testable import TopServer

@Suite struct AnswerDeskTests {
  /// A machine whose whole table is too much work for libmicrohttpd's threads.
  private static let snapshot = {
    var window = Window.test()
    return window.add(.at(1000, (1...2000).map { Process(pid: $0) }))
  }()

  private let pool = AnswerPool(threads: 1)
  private let desk: AnswerDesk<AnswerEncoder>

  init() {
    desk = AnswerDesk(Self.snapshot, .test, pool: pool, interval: .seconds(1))
  }

  private func ask(_ target: String, _ headers: [String: String] = [:]) -> Reply {
    desk.answer(.cpuUsage, .test(target, headers))
  }

  private func isLater(_ reply: Reply) -> Bool {
    if case .later = reply { true } else { false }
  }

  /// Waits until the pool has run the jobs that were queued before.
  private func poolIsDone() async {
    await withCheckedContinuation { done in _ = pool.submit({ done.resume() }, for: "test") }
  }

  @Test func aSmallAnswerIsMadeAtOnceAndALargeOneByThePool() async {
    #expect(!isLater(ask("/cpu_usage?limit=5")))
    let reply = ask("/cpu_usage")
    #expect(isLater(reply))
    let made = await reply.settled()
    #expect(made.status == 200)
    // From then on the answer is prepared.
    let again = ask("/cpu_usage")
    #expect(!isLater(again))
    #expect(again.response === made.response)
  }

  @Test func aKnownTagGets304EvenForALaterAnswer() async throws {
    let tag = try #require(ask("/cpu_usage?limit=5").response.header("ETag"))
    let reply = await ask("/cpu_usage", ["If-None-Match": tag]).settled()
    #expect(reply.status == 304)
  }

  @Test func aSmallQuestionDoesNotWaitForAllLargeOnes() async {
    // Block the pool until everything is queued.
    let gate = DispatchSemaphore(value: 0)
    await withCheckedContinuation { begun in
      _ = pool.submit(
        {
          begun.resume()
          gate.wait()
        }, for: "gate")
    }
    let ended = Latest<[String]>([])
    await withTaskGroup(of: Void.self) { group in
      for limit in 5001...5020 {
        let reply = ask("/cpu_usage?fields=all&limit=\(limit)")
        group.addTask {
          _ = await reply.settled()
          ended.update { $0.append("large") }
        }
      }
      while desk.waitingCount < 20 { await Task.yield() }
      let reply = ask("/cpu_usage?limit=1500")
      group.addTask {
        _ = await reply.settled()
        ended.update { $0.append("small") }
      }
      while desk.waitingCount < 21 { await Task.yield() }
      gate.signal()
    }
    let place = ended.value.firstIndex(of: "small") ?? .max
    #expect(place < 10, "the second turn, whatever the order in which tasks go on")
  }

  @Test func anInvalidQueryIsRejectedAtOnce() {
    #expect(ask("/cpu_usage?limit=x").status == 400)
    #expect(desk.answer(.system, .test("/system?x")).status == 400)
  }

  @Test func publishingDoesNotWaitForAnswers() async {
    let gate = DispatchSemaphore(value: 0)
    await withCheckedContinuation { begun in
      _ = pool.submit(
        {
          begun.resume()
          gate.wait()
        }, for: "gate")
    }
    // The pool is blocked, but the newest source is available.
    for sequence in UInt64(2)...5 {
      var snapshot = Self.snapshot
      snapshot.sequence = sequence
      desk.publish(snapshot)
      #expect(desk.source.sequence == sequence)
    }
    gate.signal()
  }

  @Test func aRepeatedQuestionIsPrepared() async {
    for _ in 0..<2 {
      _ = await ask("/cpu_usage").settled()
      desk.publish(Self.snapshot)
      await poolIsDone()
    }
    #expect(!isLater(ask("/cpu_usage")))
    #expect(isLater(ask("/cpu_usage?sort=pid")))
  }

  @Test func withoutTimeNothingIsPrepared() async {
    let time = Atomic<Int64>(0)
    // Each reading of the clock advances it by a second.
    let desk = AnswerDesk(
      Self.snapshot, AnswerEncoder.test, pool: pool, interval: .seconds(1),
      now: { time.add(1_000_000_000, ordering: .relaxed).newValue })
    for _ in 0..<3 {
      _ = await desk.answer(.cpuUsage, .test("/cpu_usage")).settled()
      desk.publish(Self.snapshot)
      await poolIsDone()
    }
    #expect(isLater(desk.answer(.cpuUsage, .test("/cpu_usage"))))
  }

  @Test func theBudgetIsATenthOfTheIntervalUpToALimit() {
    #expect(AnswerDesk<AnswerEncoder>.budget(interval: .seconds(1)) == .milliseconds(100))
    #expect(AnswerDesk<AnswerEncoder>.budget(interval: .milliseconds(100)) == .milliseconds(10))
    #expect(AnswerDesk<AnswerEncoder>.budget(interval: .seconds(60)) == .milliseconds(250))
  }

  @Test func manyRequestsForOneAnswerShareIt() async {
    let replies = (0..<50).map { _ in ask("/cpu_usage?fields=all") }
    var responses: [Response] = []
    await withTaskGroup(of: Response.self) { group in
      for reply in replies { group.addTask { await reply.settled().response } }
      for await response in group { responses.append(response) }
    }
    #expect(Set(responses.map(ObjectIdentifier.init)).count == 1)
  }
}
