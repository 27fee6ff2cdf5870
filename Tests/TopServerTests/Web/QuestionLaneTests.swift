import Linux
import Testing

@testable import TopServer

@Suite struct QuestionLaneTests {
  private let counts = QuestionCounts()
  private let lane: QuestionLane

  init() {
    lane = QuestionLane(limits: .init(total: 3, perClient: 2), retryAfter: 7, counts: counts)
  }

  /// Work that runs until the test ends it.
  private struct Work {
    let begun: AsyncStream<Void>
    let task: Task<Int, any Error>
    private let finish: AsyncStream<Void>.Continuation

    init(_ lane: QuestionLane, for client: String) {
      let (begun, hasBegun) = AsyncStream.makeStream(of: Void.self)
      let (end, finish) = AsyncStream.makeStream(of: Void.self)
      self.begun = begun
      self.finish = finish
      task = Task {
        try await lane.run(for: client) {
          hasBegun.finish()
          for await _ in end {}
          return 1
        }
      }
    }

    func begins() async { for await _ in begun {} }
    func end() { finish.finish() }
  }

  private func untilWaiting(_ count: Int) async {
    while lane.waitingCount != count { await Task.yield() }
  }

  @Test func oneQuestionRunsAtATime() async throws {
    let first = Work(lane, for: "a")
    await first.begins()
    let second = Task { try await lane.run(for: "a") { 2 } }
    await untilWaiting(1)
    first.end()
    #expect(try await first.task.value == 1)
    #expect(try await second.value == 2)
    #expect(counts.now == .init())
  }

  @Test func aQuestionCancelledWhileWaitingNeverRuns() async throws {
    let first = Work(lane, for: "a")
    await first.begins()
    let second = Work(lane, for: "a")
    await untilWaiting(1)
    second.task.cancel()
    await #expect(throws: CancellationError.self) { try await second.task.value }
    await untilWaiting(0)
    first.end()
    #expect(try await first.task.value == 1)
    #expect(try await lane.run(for: "a") { 3 } == 3)
    #expect(counts.now.cancelled == 1)
  }

  @Test func aCancelledQuestionDoesNotStart() async {
    let task = Task {
      while !Task.isCancelled { await Task.yield() }
      return try await lane.run(for: "a") { Issue.record("it was begun") }
    }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(counts.now.cancelled == 1)
  }

  @Test func tooManyQuestionsAreRefused() async throws {
    let first = Work(lane, for: "a")
    await first.begins()
    let waiting = (0..<2).map { _ in Work(lane, for: "a") }
    await untilWaiting(2)
    await #expect(
      throws: QuestionLane.Refusal(
        detail: "you already have 2 waiting queries about the past, which is the limit; "
          + "retry in 7 s, or send fewer at once", retryAfter: 7)
    ) { try await lane.run(for: "a") { 0 } }
    let other = Work(lane, for: "b")
    await untilWaiting(3)
    let refusal = await #expect(throws: QuestionLane.Refusal.self) {
      try await lane.run(for: "c") { 0 }
    }
    #expect(
      refusal?.detail.hasPrefix("this server already has 3 waiting queries about the past") == true)
    #expect(counts.now == .init(waiting: 3, refused: 2, cancelled: 0))
    for work in [first, other] + waiting { work.end() }
    for work in [first, other] + waiting { #expect(try await work.task.value == 1) }
  }

  @Test func theNextQuestionRunsAfterAFailure() async throws {
    struct Failed: Error {}
    await #expect(throws: Failed.self) { try await lane.run(for: "a") { throw Failed() } }
    #expect(try await lane.run(for: "a") { 4 } == 4)
  }
}
