import Dispatch
import Testing

@testable import Linux

@Suite("Own-thread actor")
struct OwnThreadActorTests {
  @Test("More actors than CPUs can block at the same time", .timeLimit(.minutes(1)))
  func actorsRunOffTheSharedPool() async {
    // Each actor waits for all others. On the shared pool, with one thread per CPU, this would never end.
    let meeting = Meeting(of: Machine.onlineCPUs + 2)
    let met = await withTaskGroup(of: Bool.self) { group in
      for index in 0..<meeting.size {
        let worker = Worker(executor: SerialQueueExecutor(label: "worker \(index)"))
        group.addTask { await worker.attend(meeting) }
      }
      return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
    }
    #expect(met == meeting.size)
  }

  @Test("The jobs of one actor run one after the other")
  func serial() async {
    let worker = Worker(executor: SerialQueueExecutor(label: "serial"))
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<1_000 { group.addTask { await worker.count() } }
    }
    #expect(await worker.counted == 1_000)
    #expect(await worker.mostAtOnce == 1)
  }
}

/// Blocks each thread until all invited threads have arrived.
private final class Meeting: Sendable {
  let size: Int
  private let arrived = DispatchGroup()

  init(of size: Int) {
    self.size = size
    for _ in 0..<size { arrived.enter() }
  }

  /// Blocks until all threads are here; false if they do not arrive within 20 seconds.
  func attend() -> Bool {
    arrived.leave()
    return arrived.wait(timeout: .now() + 20) == .success
  }
}

private actor Worker: OwnThreadActor {
  nonisolated let executor: SerialQueueExecutor
  private(set) var counted = 0
  private(set) var mostAtOnce = 0
  private var atOnce = 0

  init(executor: SerialQueueExecutor) {
    self.executor = executor
  }

  func attend(_ meeting: Meeting) -> Bool { meeting.attend() }

  func count() {
    atOnce += 1
    mostAtOnce = max(mostAtOnce, atOnce)
    counted += 1
    atOnce -= 1
  }
}
