import Glibc
import Synchronization
import Testing

@testable import Linux

@Suite("Waiting for a detached thread")
struct DetachedThreadWaitingTests {
  @Test("The value is what the body gives")
  func value() async throws {
    #expect(try await DetachedThread.value(named: "answer") { 42 } == 42)
  }

  @Test("Many can block at the same time: none waits for a thread of the pool")
  func block() async throws {
    let (count, crowd) = (100, Crowd())
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<count {
        group.addTask { try await DetachedThread.value(named: "crowd") { crowd.wait(for: count) } }
      }
      try await group.waitForAll()
    }
  }

  @Test("A moment is waited for, and one that has passed is not")
  func sleep() {
    let before = Instant.monotonicNow()
    Instant.sleep(untilMonotonic: before - 1)
    Instant.sleep(untilMonotonic: before + 2_000_000)
    #expect(Instant.monotonicNow() - before >= 2_000_000)
  }
}

/// Lets nobody go on before all have come.
private final class Crowd: Sendable {
  private let present = Atomic(0)

  func wait(for count: Int) {
    present.add(1, ordering: .relaxed)
    while present.load(ordering: .relaxed) < count {
      Instant.sleep(untilMonotonic: Instant.monotonicNow() + 1_000_000)
    }
  }
}
