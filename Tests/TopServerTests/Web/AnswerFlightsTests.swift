import Testing

@testable import TopServer

@Suite struct AnswerFlightsTests {
  private let flights = AnswerFlights<String, Int>()
  private let submissions = Latest(0)

  private func submit() -> Bool {
    submissions.update { $0 += 1 }
    return true
  }

  /// Waits until this many tasks wait for an answer.
  private func waiting(_ count: Int) async {
    while flights.waitingCount != count { await Task.yield() }
  }

  private func made(_ outcome: AnswerFlights<String, Int>.Outcome) -> Int? {
    if case .made(let value) = outcome { value } else { nil }
  }

  @Test func manyWaitForOnePieceOfWork() async {
    await withTaskGroup(of: Int?.self) { group in
      for _ in 0..<20 {
        group.addTask { made(await flights.value("a", client: "one") { submit() }) }
      }
      await waiting(20)
      #expect(submissions.value == 1)
      #expect(flights.isWanted("a"))
      flights.land("a", 42)
      for await value in group { #expect(value == 42) }
    }
    #expect(!flights.isWanted("a"))
  }

  @Test func eachClientQueuesTheWork() async {
    await withTaskGroup(of: Int?.self) { group in
      for client in ["one", "two", "one"] {
        group.addTask { made(await flights.value("a", client: client) { submit() }) }
      }
      await waiting(3)
      #expect(submissions.value == 2)
      flights.land("a", 1)
      for await value in group { #expect(value == 1) }
    }
  }

  @Test func abandonedWorkIsNotDone() async {
    let waiter = Task { await flights.value("a", client: "one") { submit() } }
    await waiting(1)
    waiter.cancel()
    if case .cancelled = await waiter.value {} else { Issue.record("it was not cancelled") }
    #expect(!flights.isWanted("a"))
    flights.land("a", 1)
  }

  @Test func aFullQueueIsReported() async {
    if case .full = await flights.value("a", client: "one", { false }) {
    } else {
      Issue.record("it waits although the queue is full")
    }
    #expect(flights.waitingCount == 0)
  }
}
