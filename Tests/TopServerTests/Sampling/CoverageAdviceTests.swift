import ProcFS
import Testing

@testable import TopServer

@Suite struct CoverageAdviceTests {
  /// A machine that was busy for a second, of which one process explains part.
  private func snapshot(
    explained: UInt64, _ change: (inout Surroundings) -> Void, kernel: Bool = true
  ) -> Snapshot {
    var window = Window.test()
    var first = Sample.at(1000, busy: 0, [Process(pid: 2, kernel: kernel), Process(pid: 5)])
    var second = Sample.at(
      1001, busy: 100, [Process(pid: 2, kernel: kernel), Process(pid: 5, user: explained)])
    change(&first.surroundings)
    change(&second.surroundings)
    _ = window.add(first)
    return window.add(second)
  }

  private func reasons(_ snapshot: Snapshot) -> [String] {
    CoverageAdvice.of(snapshot).map(\.reason)
  }

  @Test func goodCoverageNeedsNoAdvice() {
    #expect(CoverageAdvice.of(snapshot(explained: 97) { $0.hidepid = "2" }).isEmpty)
  }

  @Test func eachObstacleIsNamedWithItsRemedy() {
    let advice = CoverageAdvice.of(
      snapshot(
        explained: 10,
        {
          $0.hidepid = "invisible"
          $0.cpusAllowed = 1
        }, kernel: false))
    #expect(advice.count == 3)
    #expect(advice[0].reason == "/proc shows only the 2 processes of a container")
    #expect(advice[0].remedy.contains("--pid=host") && advice[0].remedy.contains("--proc"))
    #expect(advice[1].reason.contains("hidepid=invisible"))
    #expect(advice[2].reason.contains("1 of 2 CPUs (a cpuset)"))
  }

  @Test func theLastAdviceNamesProcessesThatNoParentWaitedFor() {
    #expect(
      reasons(snapshot(explained: 10) { _ in }).first?.contains("without a parent that waited")
        == true)
  }

  @Test func anIdleMachineNeedsNoAdvice() {
    var window = Window.test()
    _ = window.add(.at(1000, busy: 0, [Process()]))
    #expect(CoverageAdvice.of(window.add(.at(1001, busy: 3, [Process()]))).isEmpty)
  }
}
