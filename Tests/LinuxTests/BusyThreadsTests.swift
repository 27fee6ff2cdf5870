import Glibc
import Testing

@testable import Linux

@Suite("Busy threads")
struct BusyThreadsTests {
  /// The names of our threads, as other programs see them.
  private func names() throws -> [String] {
    try Files.names(in: "/proc/self/task").compactMap { thread in
      (try? Files.read("/proc/self/task/\(thread)/comm")).map {
        String(decoding: $0.bytes.dropLast(), as: UTF8.self)
      }
    }
  }

  @Test("Threads use the CPU under their name until they are stopped")
  func burn() throws {
    let before = ProcessClock.nanoseconds(of: Machine.ownPID) ?? 0
    let threads = try BusyThreads(2, name: "burn-test")
    while try names().filter({ $0 == "burn-test" }).count < 2 { sched_yield() }
    while (ProcessClock.nanoseconds(of: Machine.ownPID) ?? 0) < before + 20_000_000 {
      sched_yield()
    }
    threads.stop()
    // The kernel removes a thread from the list shortly after the join.
    while try names().contains("burn-test") { sched_yield() }
  }
}

@Suite("Waiting for a signal")
struct TerminationSignalsTests {
  @Test("Without a signal the wait ends after the limit")
  func timeout() async {
    #expect(await TerminationSignals.next(within: .zero) == nil)
    #expect(await TerminationSignals.next(within: .milliseconds(1)) == nil)
  }
}
