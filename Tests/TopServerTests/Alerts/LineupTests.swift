import Linux
import ProcFS
import Testing

@testable import TopServer

@Suite struct LineupTests {
  /// A trail of seconds, each with its rows; the cause begins after some of them.
  private func suspects(
    _ seconds: [[ProcessRow]], after quiet: Int, interval: Double = 1,
    among choice: AlertMetric.ProcessChoice? = nil
  ) -> [Suspect] {
    var trail = CPUTrail()
    var snapshot = Snapshot.test(at: .at(0))
    for (index, rows) in seconds.enumerated() {
      snapshot = .test(at: .at(Double(index + 1) * interval), interval: interval, rows)
      trail.add(snapshot)
    }
    let start = Instant.at(Double(quiet) * interval).sinceBoot
    return Lineup(trail, since: start, snapshot).suspects(among: choice)
  }

  private func times(_ count: Int, _ rows: ProcessRow...) -> [[ProcessRow]] {
    Array(repeating: rows, count: count)
  }

  @Test func suspectsAreInDescendingOrderOfIncrease() {
    let found = suspects(
      times(10, .test(1, "steady", recent: 0.9), .test(2, "grower", recent: 0.1), .test(3, "idle"))
        + times(
          5, .test(1, "steady", recent: 0.95), .test(2, "grower", recent: 0.8), .test(3, "idle"),
          .test(4, "new", start: 50, recent: 0.4)), after: 10)
    #expect(found.map(\.name) == ["grower", "new", "steady"])
    #expect(found.map { ($0.before ?? -1).rounded(places: 6) } == [0.1, 0, 0.9])
    #expect(found.map { $0.during.rounded(places: 6) } == [0.8, 0.4, 0.95])
    #expect(found.allSatisfy { !$0.hasEnded })
    #expect(found[1].startTime == 1_700_000_000.5)
  }

  /// The load average rises for a while before it exceeds the threshold, so the culprit has been running for long.
  @Test func theMinutesOfALoadAverageCountAsDuring() {
    let rule = AlertRule.test(
      .known("load1"), threshold: 4, clear: 3, hold: .seconds(1))
    var scene = AlertScene([rule])
    var host = MachineUse()
    host.load = LoadAverage(one: 1, five: 1, fifteen: 1)
    scene.run(100, cpu: 0.5, [.test(1, "steady", recent: 0.9), .test(2, "burn")], host: host)
    let busy = [ProcessRow.test(1, "steady", recent: 0.9), .test(2, "burn", recent: 1)]
    scene.run(50, cpu: 1, busy, host: host)
    host.load = LoadAverage(one: 5, five: 2, fifteen: 1)
    scene.run(2, cpu: 1, busy, host: host)
    #expect(scene.book.firing.first?.suspects.map(\.name) == ["burn"])
    #expect(scene.book.firing.first?.suspects.map(\.before) == [0])
  }

  @Test func atMostFiveSuspectsAreFoundAndTiesAreOrderedByPID() {
    let rows = (1...9).map { ProcessRow.test($0, recent: 0.5) }
    let found = suspects([[.test(1)], rows, rows], after: 1)
    #expect(found.map(\.identity.pid) == [1, 2, 3, 4, 5])
  }

  @Test func withoutEarlierMinutesBeforeIsNil() {
    let found = suspects(times(3, .test(1, recent: 0.5)), after: 0)
    #expect(found.map(\.before) == [nil])
    #expect(found.map(\.during) == [0.5])
  }

  @Test func aProcessThatUsedLessIsNotASuspect() {
    let found = suspects(
      times(5, .test(1, recent: 0.9)) + times(5, .test(1, recent: 0.5)), after: 5)
    #expect(found.isEmpty)
    #expect(suspects([], after: 0).isEmpty)
  }

  @Test func endedChildrenCountForTheParentThatWaited() {
    let found = suspects(
      times(5, .test(1, "make")) + times(5, .test(1, "make", recent: 0.1, children: 0.9)), after: 5)
    #expect(found.map { $0.during.rounded(places: 6) } == [1])
  }

  @Test func theUseOfExitedProcessesBelongsToTheNearestLivingAncestor() {
    let make = ProcessRow.test(10, "make", parent: 2)
    let found = suspects(
      times(5, make)
        + [
          [make, .test(11, "sh", start: 5, parent: 10), .test(12, "cc", parent: 11, recent: 1)],
          [make, .test(11, "sh", start: 5, parent: 10, recent: 0.02)],
          [make],
        ], after: 5)
    #expect(found.map(\.name) == ["make"])
    #expect(found.map { $0.during.rounded(places: 6) } == [0.34])
  }

  @Test func initIsNotASuspectForOrphans() {
    let found = suspects(
      times(5, .test(1, "init"))
        + [[.test(1, "init"), .test(9, "cron-job", start: 5, recent: 1)], [.test(1, "init")]],
      after: 5)
    #expect(found.map(\.name) == ["cron-job"])
    #expect(found.map(\.hasEnded) == [true])
    #expect(found.map(\.during) == [0.5])
  }

  @Test func aReusedPIDIsAnotherProcess() {
    let found = suspects(
      times(5, .test(9, "old", start: 1, recent: 0.9))
        + times(5, .test(9, "young", start: 77, recent: 0.9)), after: 5)
    #expect(found.map(\.name) == ["young"])
    #expect(found.map(\.before) == [0])
  }

  @Test func aRuleAboutSomeProcessesHasNoOtherSuspects() throws {
    let rows: [ProcessRow] = [
      .test(1, "nginx", recent: 0.2), .test(2, "nginx", recent: 0.4), .test(3, "other", recent: 1),
    ]
    #expect(suspects([rows], after: 0, among: .named("nginx")).map(\.identity.pid) == [2, 1])
    #expect(suspects([rows], after: 0, among: .pid(3)).map(\.identity.pid) == [3])
    let filter = try Filter("nginx and pid > 1", fields: ProcessFields.names)
    #expect(suspects([rows], after: 0, among: .matching(filter)).map(\.identity.pid) == [2])
  }

  @Test func aLoopOfParentsEnds() {
    let circle: [ProcessRow] = [
      .test(20, parent: 21, recent: 0.5), .test(21, parent: 20, recent: 0.5),
    ]
    #expect(suspects([circle, [.test(1)]], after: 0).map(\.hasEnded) == [true, true])
  }
}

@Suite struct CPUTrailTests {
  @Test func sweepsWithinASecondShareASlot() {
    var trail = CPUTrail()
    for tick in 1...25 {
      trail.add(.test(at: .at(Double(tick) / 10), interval: 0.1, [.test(1, recent: 0.5)]))
    }
    #expect(trail.slots.count == 3)
    let total = trail.total(after: 0, until: .max)
    #expect(abs(total.seconds - 2.5) < 1e-9)
    #expect(abs((total.entries.first?.used ?? 0) - 1.25) < 1e-9)
  }

  @Test func theTrailKeepsTenMinutesOfTheHeaviestProcesses() {
    var trail = CPUTrail()
    for second in 1...700 {
      let rows = (1...100).map { ProcessRow.test($0, recent: Double($0) / 100) }
      trail.add(.test(at: .at(Double(second)), rows))
    }
    #expect(trail.slots.count == 600)
    #expect(trail.slots.allSatisfy { $0.entries.count == 64 })
    #expect(trail.slots.last?.entries.map(\.identity.pid).min() == 37)
  }

  @Test func unknownUseIsLeftOut() {
    var trail = CPUTrail()
    trail.add(.test(at: .at(1), interval: nil, [.test(1, recent: 1)]))
    trail.add(.test(at: .at(2), [.test(1, recent: nil), .test(2, recent: 0)]))
    #expect(trail.slots.map(\.entries) == [[]])
  }
}

@Suite struct AlertSuspectTests {
  @Test func anAlertNamesTheProcessThatBeganBeforeTheMeanRose() throws {
    var scene = AlertScene([.test(over: .seconds(10))])
    scene.run(300, cpu: 0.05, [.test(5, "steady", recent: 0.1)])
    scene.run(60, cpu: 1, [.test(5, "steady", recent: 0.1), .test(6, "burner", recent: 1.9)])
    let suspects = try #require(scene.book.firing.first?.suspects)
    #expect(suspects.map(\.name) == ["burner"])
    #expect(suspects.first?.before == 0)
  }

  @Test func anAlertAboutMemoryHasNoSuspects() throws {
    var host = MachineUse()
    host.swap = SwapUse(total: 10, free: 0)
    var scene = AlertScene([.test(.swap)])
    scene.run(40, cpu: 1, [.test(6, "burner", recent: 1.9)], host: host)
    #expect(try #require(scene.book.firing.first).suspects.isEmpty)
  }
}
