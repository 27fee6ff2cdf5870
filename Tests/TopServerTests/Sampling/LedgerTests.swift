import ProcFS
import Testing

@testable import TopServer

@Suite struct LedgerTests {
  private static let tick: Int64 = 10_000_000

  /// The ledger of one second.
  private func ledger(_ change: (inout LedgerBook.Totals) -> Void) throws -> Ledger {
    var totals = LedgerBook.Totals()
    totals.cpu.measured = 1_000_000_000
    change(&totals)
    return try #require(SystemUse(totals, ticksPerSecond: 100)).ledger
  }

  @Test func thePartsAddUpToTheBusyTime() throws {
    let ledger = try ledger {
      $0.cpu.user = 120 * Self.tick
      $0.cpu.irq = 3 * Self.tick
      $0.cpu.softirq = 4 * Self.tick
      $0.cpu.steal = 5 * Self.tick
      $0.processes = 70
      $0.kernelThreads = 8
      $0.endedChildren = 30
    }
    #expect(ledger.busy == 1.32)
    #expect(ledger.interrupts == 0.07 && ledger.steal == 0.05)
    #expect(ledger.unaccounted == 0.12)
    #expect(abs(ledger.coverage - 1.2 / 1.32) < 1e-12)
    #expect(ledger.excess == 0)
  }

  @Test func partsAboveTheWholeAreCutAndReported() throws {
    let ledger = try ledger {
      $0.cpu.user = 50 * Self.tick
      $0.processes = 45
      $0.endedChildren = 10
    }
    #expect(ledger.processes == 0.45 && ledger.endedChildren == 0.05)
    #expect(ledger.unaccounted == 0 && ledger.coverage == 1)
    #expect(ledger.excess == 0.05)
  }

  @Test func interruptsDoNotReduceTheTimeOfProcesses() throws {
    let ledger = try ledger {
      $0.cpu.user = 60 * Self.tick
      $0.cpu.softirq = 40 * Self.tick
      $0.processes = 90
    }
    #expect(ledger.processes == 0.9 && ledger.interrupts == 0.1)
    #expect(ledger.unaccounted == 0 && ledger.excess == 0.3)
  }

  @Test func anIdleMachineHasFullCoverage() throws {
    #expect(try ledger { _ in }.coverage == 1)
  }

  @Test func anIntervalWithoutProcStatCountsNothing() throws {
    var window = Window.test()
    _ = window.add(.at(1000, busy: 0, [Process(pid: 1)]))
    var blind = Sample.at(1001, busy: 100, [Process(pid: 1, user: 100)])
    blind.system = nil
    let unknown = window.add(blind)
    #expect(unknown.recentUse == nil)
    #expect(unknown.row(1)?.average?.user == 1)
    _ = window.add(.at(1002, busy: 200, [Process(pid: 1, user: 200)]))
    let known = window.add(.at(1003, busy: 250, [Process(pid: 1, user: 250)]))
    #expect(known.recentUse?.ledger.busy == 0.5)
    // Of the three seconds, one had both readings.
    #expect(known.averageUse?.seconds == 1)
    #expect(known.averageUse?.ledger.processes == 0.5)
  }

  @Test func anIntervalWhoseCountersGoBackIsUnknown() throws {
    var window = Window.test()
    _ = window.add(.at(1000, busy: 900, forks: 50, [Process(pid: 1)]))
    let back = window.add(.at(1001, busy: 100, forks: 7, [Process(pid: 1, user: 3)]))
    #expect(back.recentUse == nil && back.averageUse == nil)
    #expect(back.cpuCounting.unknown == 1 && back.cpuCounting.measured == 0)
    #expect(
      back.cpuCounting.unknownBecause == "the counter of user in /proc/stat went back by 8.0 s")
    let next = window.add(.at(1002, busy: 150, forks: 10, [Process(pid: 1, user: 53)]))
    let use = try #require(next.averageUse)
    #expect(use.ledger.busy == 0.5 && use.ledger.processes == 0.5 && use.seconds == 1)
    #expect(use.forksPerSecond == 3)
    #expect(next.cpuCounting.unknownBecause == nil && next.cpuCounting.unknown == 1)
  }

  @Test func aForkCounterThatFallsOrJumpsGivesNoRate() throws {
    var window = Window.test()
    var second = 1000.0
    func rate(_ forks: UInt64) -> Double? {
      second += 1
      return window.add(.at(second, forks: forks, [Process()])).recentUse?.forksPerSecond
    }
    #expect([50, 40, 41, 9_000_000_000, 9_000_000_001].map(rate) == [nil, nil, 1, nil, 1])
  }

  @Test func aMissingForkCounterAffectsNoOtherRate() throws {
    var window = Window.test()
    var first = Sample.at(1000, busy: 0, forks: 5, [Process(pid: 1)])
    first.system?.forks = nil
    _ = window.add(first)
    let blind = window.add(.at(1001, busy: 50, forks: 9, [Process(pid: 1, user: 50)]))
    #expect(blind.recentUse?.forksPerSecond == nil && blind.recentUse?.ledger.busy == 0.5)
    let known = window.add(.at(1002, busy: 50, forks: 12, [Process(pid: 1, user: 50)]))
    // Over the window, too, it is the rate of the second in which forks were counted.
    #expect(known.recentUse?.forksPerSecond == 3 && known.averageUse?.forksPerSecond == 3)
  }

  @Test func anOfflineCPUChangesOnlyTheCount() {
    var window = Window.test()
    _ = window.add(.at(1000, cpus: 4, busy: 0, [Process(pid: 1)]))
    let fewer = window.add(.at(1001, cpus: 1, busy: 100, [Process(pid: 1, user: 100)]))
    #expect(fewer.cpuCount == 1)
    #expect(fewer.recentUse?.ledger.coverage == 1)
    #expect(
      fewer.cpuCounting.sampledBecause == "the number of CPUs changed between 1 and 4")
    #expect(window.add(.at(1002, cpus: 4, busy: 200, [Process(pid: 1, user: 200)])).cpuCount == 4)
  }

  @Test func kernelThreadsAreASeparatePart() throws {
    var window = Window.test()
    _ = window.add(.at(1000, busy: 0, [Process(pid: 1), Process(pid: 2, kernel: true)]))
    let ledger = try #require(
      window.add(
        .at(1001, busy: 30, [Process(pid: 1, user: 20), Process(pid: 2, system: 10, kernel: true)])
      )
      .recentUse?.ledger)
    #expect(ledger.processes == 0.2 && ledger.kernelThreads == 0.1)
  }

  @Test func aVanishedProcessStaysInTheLedgerOfTheWindow() throws {
    var window = Window.test()
    _ = window.add(.at(1000, busy: 0, [Process(pid: 1), Process(pid: 9)]))
    _ = window.add(.at(1001, busy: 80, [Process(pid: 1), Process(pid: 9, user: 80)]))
    let ledger = try #require(window.add(.at(1002, busy: 80, [Process(pid: 1)])).averageUse?.ledger)
    #expect(ledger.processes == 0.4 && ledger.unaccounted == 0)
  }
}

@Suite struct GapTests {
  @Test func aPauseOfSeveralIntervalsIsAGap() {
    var window = Window.test()
    _ = window.add(.at(1000, [Process()]))
    #expect(window.add(.at(1002.9, [Process()])).lastGap == nil)
    let stalled = window.add(.at(1010, [Process()]))
    #expect(abs((stalled.lastGap?.seconds ?? 0) - 7.1) < 1e-6)
    #expect(stalled.lastGap?.suspendedSeconds == 0)
    #expect(window.add(.at(1011, [Process()])).lastGap == stalled.lastGap)
  }

  @Test func aSuspensionIsAGapAndKeepsTheRates() throws {
    var window = Window.test()
    _ = window.add(.at(1000, busy: 0, [Process(pid: 5)]))
    let woken = window.add(.at(1001, suspended: 300, busy: 50, [Process(pid: 5, user: 50)]))
    #expect(woken.lastGap?.seconds == 301 && woken.lastGap?.suspendedSeconds == 300)
    #expect(woken.row(5)?.recent?.user == 0.5)
    #expect(woken.recentUse?.ledger.processes == 0.5)
  }
}
