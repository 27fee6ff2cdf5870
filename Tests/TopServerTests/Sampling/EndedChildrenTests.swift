import ProcFS
import Testing

@testable import TopServer

@Suite struct EndedChildrenTests {
  /// The ended children's ticks in the last interval's ledger, as a whole number.
  private func ticks(_ share: Double?, _ snapshot: Snapshot) -> Int {
    Int(((share ?? -1) * (snapshot.interval ?? 0) * 100).rounded())
  }

  private func children(of pid: Int32, in snapshot: Snapshot) -> Int {
    let row = snapshot.row(pid)
    return Int(((row?.childrenAverage?.total ?? -1) * (row?.window ?? 0) * 100).rounded())
  }

  @Test func unseenChildrenAreFoundInTheirParent() throws {
    var window = Window.test()
    _ = window.add(.at(1000, busy: 0, [Process(pid: 1), Process(pid: 5, childrenUser: 1000)]))
    let snapshot = window.add(
      .at(
        1001, busy: 90, [Process(pid: 1), Process(pid: 5, childrenUser: 1060, childrenSystem: 30)]))
    #expect(ticks(snapshot.recentUse?.ledger.endedChildren, snapshot) == 90)
    #expect(snapshot.recentUse?.ledger.unaccounted == 0)
    #expect(snapshot.row(5)?.childrenRecent == CPUShare(user: 0.6, system: 0.3))
  }

  @Test func theCountedTimeOfAChildIsNotCountedTwice() throws {
    var window = Window.test()
    _ = window.add(.at(1000, busy: 0, [Process(pid: 5), Process(pid: 9, parent: 5, user: 500)]))
    _ = window.add(.at(1001, busy: 70, [Process(pid: 5), Process(pid: 9, parent: 5, user: 570)]))
    // The process used 20 more ticks, exited, and was waited for: 590 in total.
    let snapshot = window.add(.at(1002, busy: 90, [Process(pid: 5, childrenUser: 590)]))
    #expect(ticks(snapshot.recentUse?.ledger.endedChildren, snapshot) == 20)
    #expect(snapshot.recentUse?.ledger.unaccounted == 0)
    // The child used 90 ticks in the window, which its parent now owns; the 500 were before.
    #expect(children(of: 5, in: snapshot) == 90)
    #expect(snapshot.row(5)?.childrenRecent?.user == 0.2)
  }

  @Test func grandchildrenThatExitWithTheirParentGoToTheNearestLivingAncestor() throws {
    var window = Window.test()
    let make = Process(pid: 5)
    _ = window.add(
      .at(
        1000, busy: 0,
        [make, Process(pid: 8, parent: 5, user: 10), Process(pid: 9, parent: 8, user: 30)]))
    // cc1 (9) used 5 more ticks, gcc (8) waited for it and used 1 more, make waited for gcc: 11 + 35.
    let snapshot = window.add(.at(1001, busy: 6, [Process(pid: 5, childrenUser: 46)]))
    #expect(ticks(snapshot.recentUse?.ledger.endedChildren, snapshot) == 6)
    #expect(children(of: 5, in: snapshot) == 6)
  }

  @Test func aParentThatIgnoresSIGCHLDDoesNotAffectOthers() throws {
    var window = Window.test()
    let shell = Process(pid: 2)
    _ = window.add(
      .at(
        1000, busy: 0, [shell, Process(pid: 5, parent: 2), Process(pid: 9, parent: 5, user: 300)]))
    // Process 9 exited without a wait; the shell meanwhile waited for other children.
    let snapshot = window.add(
      .at(1001, busy: 50, [Process(pid: 2, childrenUser: 40), Process(pid: 5, parent: 2)]))
    #expect(ticks(snapshot.recentUse?.ledger.endedChildren, snapshot) == 40)
    #expect(ticks(snapshot.recentUse?.ledger.unaccounted, snapshot) == 10)
  }

  @Test func anOrphanIsSubtractedFromInit() throws {
    var window = Window.test()
    _ = window.add(
      .at(1000, busy: 0, [Process(pid: 1), Process(pid: 5), Process(pid: 9, parent: 5, user: 300)]))
    // The parent exited first: init got its 0 ticks and the orphan's 310.
    let snapshot = window.add(.at(1001, busy: 10, [Process(pid: 1, childrenUser: 310)]))
    #expect(ticks(snapshot.recentUse?.ledger.endedChildren, snapshot) == 10)
  }

  @Test func aNewbornCountsItsEndedChildren() throws {
    var window = Window.test()
    _ = window.add(.at(1000, busy: 0, [Process(pid: 1)]))
    let snapshot = window.add(
      .at(
        1001, busy: 60,
        [Process(pid: 1), Process(pid: 7, start: 100_010, user: 20, childrenUser: 40)]))
    #expect(ticks(snapshot.recentUse?.ledger.endedChildren, snapshot) == 40)
    #expect(snapshot.recentUse?.ledger.unaccounted == 0)
  }

  @Test func anOldProcessThatAppearsLateCountsNoChildren() throws {
    var window = Window.test()
    _ = window.add(.at(1000, busy: 0, [Process(pid: 1)]))
    let late = Process(pid: 7, start: 10, user: 20, childrenUser: 40_000)
    let snapshot = window.add(.at(1001, busy: 0, [Process(pid: 1), late]))
    #expect(ticks(snapshot.recentUse?.ledger.endedChildren, snapshot) == 0)
  }

  @Test func aReusedPidEndsOneProcessAndBeginsAnother() throws {
    var window = Window.test()
    _ = window.add(
      .at(1000, busy: 0, [Process(pid: 5), Process(pid: 9, start: 50, parent: 5, user: 100)]))
    let snapshot = window.add(
      .at(
        1001, busy: 45,
        [Process(pid: 5, childrenUser: 130), Process(pid: 9, start: 100_030, parent: 5, user: 15)]))
    #expect(ticks(snapshot.recentUse?.ledger.endedChildren, snapshot) == 30)
    #expect(snapshot.recentUse?.ledger.unaccounted == 0)
  }

  @Test func inheritedTimeLeavesTheWindowWhenItIsOld() throws {
    var window = Window.test(seconds: 10)
    // A child works for 5 s, exits at 1006 and is waited for; then nothing happens.
    var snapshot: Snapshot?
    for second in 0...30 {
      let user = UInt64(min(second, 5)) * 100
      let processes =
        second < 6
        ? [Process(pid: 5), Process(pid: 9, parent: 5, user: user)]
        : [Process(pid: 5, childrenUser: 500)]
      snapshot = window.add(.at(1000 + Double(second), busy: user, processes))
      guard let snapshot, second > 0 else { continue }
      let inWindow = max(0, min(second, 5) - max(0, second - 10)) * 100
      if second < 6 {
        #expect(children(of: 5, in: snapshot) == 0)
      } else {
        #expect(children(of: 5, in: snapshot) == inWindow, "second \(second)")
      }
    }
  }

  @Test func aLoopOfParentsEnds() {
    var window = Window.test()
    _ = window.add(
      .at(
        1000,
        [
          Process(pid: 5, parent: 6, user: 9), Process(pid: 6, parent: 5, user: 9),
          Process(pid: 7, parent: 5, user: 9),
        ]))
    let snapshot = window.add(.at(1001, [Process(pid: 40, parent: 40)]))
    #expect(snapshot.processes.count == 1)
  }
}
