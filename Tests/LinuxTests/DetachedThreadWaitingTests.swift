import Glibc
import Synchronization
import Testing

@testable import Linux

@Suite("Waiting for a detached thread")
struct DetachedThreadWaitingTests {
  @Test("The value is the result of the body")
  func value() async throws {
    #expect(try await DetachedThread.value(named: "answer") { 42 } == 42)
  }

  @Test("Many threads can block at the same time without using the pool")
  func block() async throws {
    let (count, barrier) = (100, Barrier())
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<count {
        group.addTask {
          try await DetachedThread.value(named: "barrier") { barrier.wait(for: count) }
        }
      }
      try await group.waitForAll()
    }
  }

  @Test("sleep waits for a future moment and returns at once for a past one")
  func sleep() {
    let before = Instant.monotonicNow()
    Instant.sleep(untilMonotonic: before - 1)
    Instant.sleep(untilMonotonic: before + 2_000_000)
    #expect(Instant.monotonicNow() - before >= 2_000_000)
  }
}

/// Blocks every caller until all have arrived.
private final class Barrier: Sendable {
  private let present = Atomic(0)

  func wait(for count: Int) {
    present.add(1, ordering: .relaxed)
    while present.load(ordering: .relaxed) < count {
      Instant.sleep(untilMonotonic: Instant.monotonicNow() + 1_000_000)
    }
  }
}
