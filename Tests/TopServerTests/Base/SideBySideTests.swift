import Testing

@testable import TopServer

@Suite struct SideBySideTests {
  private struct Trouble: Error {}

  @Test func aFailureEndsNoOtherPieceAndAllAreAwaited() async {
    let (gate, key) = AsyncStream.makeStream(of: Void.self)
    let (events, event) = AsyncStream.makeStream(of: String.self)
    let task = Task {
      await SideBySide.run([
        {
          event.yield("throws")
          throw Trouble()
        },
        {
          for await _ in gate {}
          event.yield(Task.isCancelled ? "is cancelled" : "ends")
        },
      ])
      event.yield("all")
      event.finish()
    }
    var seen: [String] = []
    for await name in events {
      seen.append(name)
      key.finish()
    }
    await task.value
    #expect(seen == ["throws", "ends", "all"])
  }

  @Test func allAreCancelledWithTheCaller() async {
    let sleep = { @Sendable () async throws in try await Task.sleep(for: .seconds(86_400)) }
    let task = Task { await SideBySide.run([sleep, sleep]) }
    task.cancel()
    await task.value
  }

  @Test func aTaskIsWaitedForWithinALimit() async {
    let (gate, key) = AsyncStream.makeStream(of: Void.self)
    let task = Task { for await _ in gate {} }
    #expect(await !task.ends(within: .zero))
    key.finish()
    #expect(await task.ends(within: .seconds(86_400)))
  }
}
