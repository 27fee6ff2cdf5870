import Linux
import Testing

@testable import TopServer

/// The state of a hub after a restart.
@Suite struct FleetRestartTests {
  private let stage = FleetStage()

  @Test func hostsOfThePreviousRunAreExpected() throws {
    try stage.confirm("a")
    _ = try stage.book.receive(.test("hub"), from: .local, at: stage.now)
    #expect(stage.book.known(at: stage.now).map(\.name) == ["a"])
    let next = stage.restarted(after: 100)
    let host = try #require(next.book["a"])
    #expect(host.state == .lost && !host.isConnected && host.address == "10.0.0.1")
    #expect(host.age(at: next.now.sinceBoot) == 101 && host.isConfirmed)
    try next.receive(37, of: "a")
    #expect(next.pass(0) == ["a connected", "a live"])
    #expect(next.book["a"]?.reconnects == 0)
  }

  @Test func silenceCountsFromTheStartOfTheHub() throws {
    for link: UInt64 in 1...100 { try stage.confirm("h\(link)", link: link) }
    // The stored times are half a minute old.
    let next = stage.restarted(after: 31)
    var alerts = AlertBook(rules: AlertRule.defaults, interval: .seconds(1), at: next.now)
    var said: [AlertTransition] = []
    for second in 1...15 {
      next.pass(1)
      for link: UInt64 in 1...100 where Int(link) % 15 < second {
        try next.receive(100 + UInt64(second), of: "h\(link)", link: link)
      }
      said += alerts.evaluate(next.book.hosts, at: next.now)
    }
    #expect(said.isEmpty)
    // A host that does not return still raises an alert.
    next.pass(29)
    #expect(alerts.evaluate(next.book.hosts, at: next.now).isEmpty)
    next.leave("h1", link: 1)
    next.pass(2)
    #expect(
      alerts.evaluate(next.book.hosts, at: next.now).filter { $0.name == "firing" }.count == 100)
  }

  @Test func lateSamplesAfterARestartEndTheSilence() throws {
    try stage.confirm()
    let left = stage.seconds
    let next = stage.restarted(after: 480)
    try next.receive(31, takenAt: left + 1, age: next.seconds - left - 1)
    let host = try #require(next.book["web-1"])
    #expect(host.age(at: next.now.sinceBoot) > 470 && host.silence(at: next.now.sinceBoot) == 0)
  }

  @Test func aRestoredAlertFiresUntilItsHostSends() throws {
    try stage.confirm()
    var alerts = AlertBook(rules: AlertRule.defaults, interval: .seconds(1), at: stage.now)
    stage.pass(60)
    _ = alerts.evaluate(stage.book.hosts, at: stage.now)
    #expect(alerts.firing.map(\.rule) == ["host-silent"])
    let next = stage.restarted(after: 5)
    alerts = AlertBook(
      rules: AlertRule.defaults, interval: .seconds(1), memory: alerts.memory, at: next.now)
    for _ in 0..<60 {
      next.pass(1)
      #expect(alerts.evaluate(next.book.hosts, at: next.now).isEmpty)
    }
    #expect(alerts.firing.count == 1)
    for second: UInt64 in 0..<10 {
      try next.receive(100 + second)
      _ = alerts.evaluate(next.book.hosts, at: next.now)
      next.pass(1)
    }
    #expect(alerts.firing.isEmpty)
  }

  @Test func downtimeOfTheHubIsNotSilence() throws {
    try stage.confirm()
    let next = stage.restarted(after: 10 * 86_400)
    #expect(next.book["web-1"] != nil)
    next.pass(86_398)
    #expect(next.book["web-1"] != nil)
    next.pass(2)
    #expect(next.book["web-1"] == nil)
  }

  @Test func silenceAddsUpAcrossRestarts() throws {
    try stage.confirm()
    stage.leave()
    stage.pass(40_000)
    let second = stage.restarted(after: 86_400)
    second.pass(40_000)
    let third = second.restarted(after: 86_400)
    third.pass(6_000)
    #expect(third.book["web-1"] != nil)
    third.pass(500)
    #expect(third.book["web-1"] == nil)
  }

  @Test func aSampleResetsTheSilence() throws {
    try stage.confirm()
    stage.leave()
    stage.pass(80_000)
    let next = stage.restarted(after: 1)
    try next.receive(31)
    next.leave()
    next.pass(80_000)
    #expect(next.book["web-1"] != nil)
  }

  @Test func theNameIsReservedForItsRunAfterARestart() throws {
    try stage.confirm(run: "a1")
    let next = stage.restarted(after: 600)
    #expect(cause { try next.receive(1, run: "b2", link: 2) } == .hostKept)
    next.pass(299)
    #expect(cause { try next.receive(1, run: "b2", link: 2) } == .hostKept)
    #expect(try next.receive(31, run: "a1", link: 3).outcome == .newest)
    // The run may still send samples of the same times.
    #expect(
      try next.receive(32, run: "a1", takenAt: 1100, age: next.seconds - 1100, link: 3).outcome
        == .notOwned)
  }

  @Test func theTimesOfANewOwnerStayBoundedAfterARestart() throws {
    try stage.confirm(run: "a1")
    stage.leave()
    stage.pass(400)
    try stage.receive(1, run: "b2", link: 2)
    let next = stage.restarted(after: 10)
    #expect(
      try next.receive(2, run: "b2", takenAt: 1300, age: next.seconds - 1300, link: 2).outcome
        == .notOwned)
    #expect(try next.receive(3, run: "b2", link: 2).outcome == .newest)
  }

  @Test func aNameThatWasGivenUpWaitsForNoRun() throws {
    try stage.confirm(run: "a1")
    stage.leave(isGivenUp: true)
    let next = stage.restarted(after: 10)
    #expect(try next.receive(1, run: "b2", link: 2).outcome == .newest)
  }

  @Test func aRunGetsItsNameBackAfterARestartOfTheHub() throws {
    try stage.confirm(run: "a1")
    stage.leave()
    let left = stage.seconds
    stage.pass(400)
    let taken = stage.seconds
    try stage.receive(1, run: "b2", link: 2)
    stage.pass(60)
    let next = stage.restarted(after: 10)
    try next.receive(61, run: "b2", link: 2)
    next.pass(1)
    try next.reclaim(31, left: left, taken: taken)
    #expect(cause { try next.receive(62, run: "b2", link: 4) } == .hostTaken)
    // After another restart, the other run is still not preferred.
    let third = next.restarted(after: 10)
    #expect(cause { try third.receive(63, run: "b2", link: 2) } == .hostKept)
    #expect(try third.receive(500, run: "a1", link: 3).outcome == .newest)
  }

  @Test func theFileHasFormerRunsAndGivenUpNames() throws {
    let known = KnownHost(
      name: "a", kind: .agent, address: "2001:db8::1", agent: "1", lastSeen: 9, firstSeen: 1,
      run: "c3", ownedSince: 7, runSince: 6, isGivenUp: true,
      formerRuns: [
        .init(run: "b2", network: AddressKey("2001:db8::2"), since: 3, until: 5),
        .init(run: "", network: AddressKey("10.0.0.1"), since: 2, until: 3),
        .init(run: "a1", network: .local, since: 1, until: 2),
      ], missed: 0)
    #expect(try KnownHost.list(parsing: KnownHost.text(of: [known])) == [known])
  }

  @Test func aFileOfAnEarlierVersionIsRead() throws {
    let text = #"{"version":1,"hosts":[{"name":"a","kind":"agent","last_seen":1000000000}]}"#
    let known = try KnownHost.list(parsing: Array(text.utf8))
    let next = FleetStage()
    next.book.restore(known, at: next.now)
    #expect(next.book["a"]?.isConfirmed == true && next.book["a"]?.owner == nil)
    // Without a stored run, nothing can be proved; but no client may send samples of the time before.
    #expect(try next.receive(1, of: "a").outcome == .newest)
    let older = FleetStage()
    older.book.restore(
      [KnownHost(name: "a", kind: .agent, lastSeen: older.time(900))], at: older.now)
    #expect(try older.receive(1, of: "a", takenAt: 800, age: 200).outcome == .notOwned)
  }

  @Test(arguments: [0, 1, Int64.max / 2, Int64.max])
  func anyTimesInAFileAreAccepted(time: Int64) throws {
    let known = KnownHost(
      name: "a", kind: .agent, address: "::1", agent: nil, lastSeen: time, firstSeen: time,
      run: "a1", ownedSince: time, runSince: time,
      formerRuns: [
        .init(run: "b2", network: .local, since: time, until: 0),
        .init(run: "c3", network: .local, since: 0, until: time),
      ], missed: min(time, FleetBook.memory / 2))
    let next = FleetStage()
    next.book.restore([known], at: next.now)
    #expect(next.book.known(at: next.now).count == 1)
    next.pass(1)
    _ = try next.receive(1, of: "a")
    #expect(next.book.known(at: next.now).first?.lastSeen == next.time(next.seconds))
  }
}
