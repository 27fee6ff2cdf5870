import ProcFS
import Testing

@testable import TopServer

/// Compares the ledger with a simulated machine whose true use is known.
@Suite struct LedgerPropertyTests {
  /// The behaviour of the processes in a run.
  private struct Behaviour {
    /// Every parent waits for its children before it exits, as make and a shell do.
    var isOrderly = false
    /// Some parents ignore SIGCHLD.
    var someIgnoreChildren = false
    /// Counters sometimes step back by a tick when they are read.
    var countersJitter = false
    var lastPID: Int32 = 30_000
  }

  /// Runs a machine with many short processes for a minute, and passes every snapshot to `check` with the true busy
  /// time.
  private func run(
    _ behaviour: Behaviour, seed: UInt64, check: (Snapshot, _ busyTicks: Int) -> Void
  ) {
    var random = SplitMix(state: seed)
    var machine = SimulatedMachine(lastPID: behaviour.lastPID)
    var window = Window.test(seconds: 10)
    _ = window.add(machine.sample())
    var busyBefore = machine.busy
    for _ in 0..<60 {
      for _ in 0..<100 {
        machine.pass()
        step(&machine, behaviour, &random)
      }
      let snapshot = window.add(
        machine.sample { process in
          guard behaviour.countersJitter, random.next() % 4 == 0 else { return }
          if process.user > 0 { process.user -= 1 }
        })
      check(snapshot, Int(machine.busy - busyBefore))
      busyBefore = machine.busy
    }
  }

  private func step(
    _ machine: inout SimulatedMachine, _ behaviour: Behaviour, _ random: inout SplitMix
  ) {
    for _ in 0..<2 {
      if let worker = machine.alive.randomElement(using: &random) {
        machine.work(worker, inSystem: random.next() % 3 == 0)
      }
    }
    guard random.next() % 4 == 0 else { return }
    if let parent = machine.alive.randomElement(using: &random), machine.alive.count < 40 {
      machine.fork(
        parent, ignoresChildren: behaviour.someIgnoreChildren && random.next() % 4 == 0)
    }
    let candidates = machine.alive.filter { pid in
      pid != 1 && (!behaviour.isOrderly || machine.children(of: pid).isEmpty)
    }
    if let ending = candidates.randomElement(using: &random) {
      machine.exit(ending)
      if behaviour.isOrderly || random.next() % 2 == 0 { machine.wait(for: ending) }
    }
    if let zombie = machine.zombies.randomElement(using: &random) { machine.wait(for: zombie) }
  }

  private func ticks(_ share: Double, _ use: SystemUse) -> Int {
    Int((share * use.seconds * 100).rounded())
  }

  private func isSane(_ snapshot: Snapshot, busy: Int) {
    guard let use = snapshot.recentUse else {
      Issue.record("no ledger")
      return
    }
    let ledger = use.ledger
    #expect(ticks(ledger.busy, use) == busy)
    for part in [ledger.processes, ledger.endedChildren, ledger.unaccounted] { #expect(part >= 0) }
    let sum =
      ticks(ledger.processes, use) + ticks(ledger.endedChildren, use)
      + ticks(ledger.unaccounted, use)
    #expect(sum == busy)
    #expect((0...1).contains(ledger.coverage))
    for row in snapshot.processes {
      for share in [row.average, row.recent, row.childrenAverage, row.childrenRecent] {
        guard let share else { continue }
        #expect(share.user >= 0 && share.system >= 0)
      }
    }
  }

  @Test(arguments: [UInt64(1), 2, 3, 4, 5, 6])
  func whenEveryParentWaitsTheLedgerIsExact(seed: UInt64) {
    run(Behaviour(isOrderly: true), seed: seed) { snapshot, busy in
      isSane(snapshot, busy: busy)
      #expect(snapshot.recentUse?.ledger.unaccounted == 0)
      #expect(snapshot.recentUse?.ledger.excess == 0)
      #expect(snapshot.averageUse?.ledger.coverage == 1)
    }
  }

  @Test(arguments: [UInt64(1), 2, 3])
  func theRowsAddUpToTheLedgerOfTheWindow(seed: UInt64) {
    run(Behaviour(isOrderly: true), seed: seed) { snapshot, _ in
      guard let use = snapshot.averageUse, let window = snapshot.window else { return }
      let rows = snapshot.processes.reduce(0) { sum, row in
        sum + ((row.average?.total ?? 0) + (row.childrenAverage?.total ?? 0)) * (row.window ?? 0)
      }
      #expect(abs(rows - use.ledger.busy * window) < 1e-6)
    }
  }

  @Test(arguments: [UInt64(1), 2, 3, 4])
  func orphansAndIgnoredChildrenNeverExceedTheBusyTime(seed: UInt64) {
    run(Behaviour(someIgnoreChildren: true), seed: seed) { isSane($0, busy: $1) }
  }

  @Test(arguments: [UInt64(1), 2, 3])
  func quicklyReusedPidsAreTracked(seed: UInt64) {
    run(Behaviour(isOrderly: true, lastPID: 60), seed: seed) { snapshot, busy in
      isSane(snapshot, busy: busy)
      #expect(snapshot.recentUse?.ledger.unaccounted == 0)
    }
  }

  @Test(arguments: [UInt64(1), 2, 3])
  func countersThatStepBackNeverMakeARowNegative(seed: UInt64) {
    run(Behaviour(someIgnoreChildren: true, countersJitter: true), seed: seed) {
      isSane($0, busy: $1)
    }
  }

  @Test func mostOfADisorderlyMachineIsStillCovered() {
    var covered: [Double] = []
    run(Behaviour(), seed: 9) { snapshot, _ in
      if let coverage = snapshot.averageUse?.ledger.coverage { covered.append(coverage) }
    }
    #expect(covered.count == 60)
    #expect(covered.reduce(0, +) / 60 > 0.98)
  }
}
