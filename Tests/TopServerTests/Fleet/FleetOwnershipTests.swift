import Linux
import Testing

@testable import TopServer

/// Decides which client owns a host's name.
@Suite struct FleetOwnershipTests {
  private let stage = FleetStage()

  /// Receives a sample of a run that claims a short uptime.
  private func claim(
    run: String, uptime: Double, link: FleetHost.Link, from address: String = "10.0.0.1"
  ) throws {
    var sample = HostSample.test(run: run, 1, time: stage.now.wall)
    sample.numbers[.uptime] = uptime
    _ = try stage.book.receive(sample, from: .connection(link, address: address), at: stage.now)
  }

  // MARK: - While the owner is connected

  @Test func twoHostsCannotHaveOneName() throws {
    try stage.receive(1, run: "a1", link: 1)
    #expect(cause { try stage.receive(1, run: "b2", link: 2) } == .hostTaken)
    // An open connection keeps the name, even while it is silent.
    stage.pass(20)
    #expect(cause { try stage.receive(1, run: "b2", link: 2) } == .hostTaken)
    #expect(stage.book["web-1"]?.link == 1)
  }

  @Test func aConnectionSendsForOneRun() throws {
    try stage.receive(1, run: "a1", link: 1)
    #expect(cause { try stage.receive(2, run: "b2", link: 1) } == .hostChanged)
    stage.pass(1)
    #expect(try stage.receive(2, run: "a1", link: 1).outcome == .newest)
  }

  // MARK: - After the owner's connection ended

  @Test func theNameIsReservedForFiveMinutes() throws {
    try stage.receive(1, run: "a1", link: 1)
    stage.leave()
    #expect(cause { try stage.receive(1, run: "b2", link: 2) } == .hostKept)
    stage.pass(299)
    #expect(cause { try stage.receive(1, run: "b2", link: 2) } == .hostKept)
    stage.pass(1)
    #expect(try stage.receive(1, run: "b2", link: 2).outcome == .newest)
  }

  @Test func aRefusedClaimChangesNothing() throws {
    try stage.receive(1, run: "a1", link: 1)
    stage.leave()
    let before = stage.book["web-1"]
    #expect(cause { try stage.receive(9, run: "b2", busy: 1, link: 2) } == .hostKept)
    #expect(stage.book["web-1"] == before)
  }

  @Test func aReturningRunGetsItsNameAtOnceFromAnyAddress() throws {
    try stage.receive(1, run: "a1", link: 1)
    stage.leave()
    stage.pass(1)
    #expect(try stage.receive(2, run: "a1", link: 7).outcome == .newest)
    #expect(stage.book["web-1"]?.address == "10.0.0.7")
  }

  // MARK: - Runs that may be a restart

  /// Runs that a client can invent, like those of previous versions; a short uptime and the same address prove nothing.
  private static let inventions = ["0123456789ab-0", "fedcba987654-0", "b2", "zzz-zzz"]

  @Test(arguments: inventions) func nothingThatAClientSaysGetsItAName(run: String) throws {
    try stage.confirm(run: "0123456789ab-1", link: 1)
    // Connected, silent and known not to be live.
    stage.pass(4)
    #expect(cause { try claim(run: run, uptime: 0.5, link: 2) } == .hostTaken)
    #expect(stage.book["web-1"]?.link == 1)
    stage.leave()
    for _ in 0..<299 {
      #expect(cause { try claim(run: run, uptime: 0.5, link: 2) } == .hostKept)
      stage.pass(1)
    }
    // The run that owns the name is back, and the other one must wait again.
    #expect(try stage.receive(31, run: "0123456789ab-1", link: 3).outcome == .newest)
    stage.leave(link: 3)
    stage.pass(299)
    #expect(cause { try claim(run: run, uptime: 0.5, link: 2) } == .hostKept)
    stage.pass(1)
    try claim(run: run, uptime: 0.5, link: 2)
  }

  @Test func aReturningRunGetsItsNameBackFromTheOneThatTookIt() throws {
    try claim(run: "0123456789ab-0", uptime: 86_400, link: 1)
    stage.leave()
    stage.pass(300)
    try claim(run: "fedcba987654-0", uptime: 0.5, link: 2)
    stage.pass(1)
    let back = try stage.receive(2, run: "0123456789ab-0", link: 3)
    #expect(back.replaced == .init(link: 2, reason: FleetHost.formerReason))
    #expect(cause { try claim(run: "fedcba987654-0", uptime: 2, link: 4) } == .hostTaken)
  }

  @Test func aRunThatClosesGivesItsNameToTheNext() throws {
    try stage.receive(1, run: "a1", link: 1)
    stage.leave(isGivenUp: true)
    let left = stage.seconds
    stage.pass(100)
    // The next run began while the hub could not be reached; the samples taken since then are its own.
    let late = try stage.receive(
      1, run: "b2", takenAt: left + 12, age: stage.seconds - left - 12, link: 2)
    #expect(late.outcome == .newest && late.isLate)
    #expect(
      try stage.receive(2, run: "b2", takenAt: left - 5, age: stage.seconds - left + 5, link: 2)
        .outcome == .notOwned)
    // The run that left cannot return.
    #expect(cause { try stage.receive(2, run: "a1", link: 3) } == .hostTaken)
    stage.leave(link: 2)
    #expect(cause { try stage.receive(2, run: "a1", link: 3) } == .hostKept)
    #expect(stage.book["web-1"]?.formerOwners.isEmpty == true)
  }

  @Test func onlyTheConnectionThatHasTheNameCanGiveItUp() throws {
    try stage.receive(1, run: "a1", link: 1)
    stage.leave(link: 2, isGivenUp: true)
    #expect(cause { try stage.receive(1, run: "b2", link: 2) } == .hostTaken)
    // The end of a replaced connection has no effect.
    try stage.receive(2, run: "a1", link: 3)
    stage.leave(link: 1, isGivenUp: true)
    #expect(cause { try stage.receive(1, run: "b2", link: 2) } == .hostTaken)
    stage.leave(link: 3)
    #expect(cause { try stage.receive(1, run: "b2", link: 2) } == .hostKept)
  }

  @Test func aRunThatReturnsAfterItClosedGetsItsNameBack() throws {
    try stage.receive(1, run: "a1", link: 1)
    stage.leave(isGivenUp: true)
    try stage.receive(2, run: "a1", link: 2)
    stage.leave(link: 2)
    #expect(cause { try stage.receive(1, run: "b2", link: 3) } == .hostKept)
  }

  @Test func aRunThatWaitedCannotSendSamplesOfThatTime() throws {
    try stage.receive(1, run: "a1", link: 1)
    stage.leave()
    stage.pass(300)
    #expect(
      try stage.receive(1, run: "b2", takenAt: stage.seconds - 200, age: 200, link: 2).outcome
        == .notOwned)
    #expect(try stage.receive(2, run: "b2", link: 2).outcome == .newest)
  }

  @Test func theRunThatHadTheNameForLongestIsNotForgottenForOthers() throws {
    try stage.confirm(run: "a1")
    stage.pass(3600)
    try stage.receive(31, run: "a1")
    stage.leave()
    for number: UInt64 in 2...20 {
      stage.pass(300)
      try stage.receive(1, run: "b\(number)", link: number)
      stage.leave(link: number)
    }
    stage.pass(1)
    let back = try stage.receive(32, run: "a1", link: 100)
    #expect(back.outcome == .newest && stage.book["web-1"]?.link == 100)
  }

  // MARK: - Plain text

  @Test func aTextClientIsIdentifiedByItsAddress() throws {
    func text(_ link: FleetHost.Link, from address: String) throws {
      var sample = HostSample(host: "client1", time: stage.now.wall)
      sample.busy = 0.5
      _ = try stage.book.receive(sample, from: .connection(link, address: address), at: stage.now)
    }
    try text(1, from: "2001:db8::1")
    #expect(cause { try text(2, from: "2001:db8::1") } == .hostTaken)
    stage.leave("client1")
    #expect(cause { try text(3, from: "10.0.0.1") } == .hostKept)
    #expect(cause { try stage.receive(1, of: "client1", link: 4) } == .hostKept)
    try text(5, from: "2001:db8::2")
    #expect(stage.book["client1"]?.link == 5)
  }

  // MARK: - Times

  @Test func anotherRunCannotSendSamplesOfEarlierTimes() throws {
    try stage.confirm(run: "a1")
    stage.leave()
    stage.pass(400)
    for back in stride(from: 7200.0, through: 3, by: -1000) {
      #expect(
        try stage.receive(
          UInt64(10_000 - back), run: "b2", busy: 0.9, takenAt: stage.seconds - back, age: back,
          link: 2
        ).outcome == .notOwned)
    }
    #expect(stage.book["web-1"]?.latest.busy == 0.25 && stage.book["web-1"]?.lateSamples == 0)
    #expect(try stage.receive(10_001, run: "b2", busy: 0.9, link: 2).outcome == .newest)
    #expect(stage.series().compactMap(\.self).allSatisfy { $0 > 0.8 })
  }

  @Test func aRunCannotSendSamplesFromBeforeItsFirst() throws {
    try stage.receive(5, link: 1)
    stage.pass(1)
    #expect(
      try stage.receive(6, takenAt: stage.seconds - 7200, age: 7200, link: 1).outcome == .notOwned)
    // A lower number may be older.
    #expect(try stage.receive(4, takenAt: stage.seconds - 2, age: 2, link: 1).outcome == .late)
  }

  @Test func theFormerOwnerGetsTheNameBackWithItsOwnTimes() throws {
    try stage.confirm(run: "a1")
    stage.leave()
    let left = stage.seconds
    stage.pass(400)
    let taken = stage.seconds
    try stage.receive(1, run: "b2", busy: 0.9, link: 2)
    stage.pass(100)
    try stage.receive(2, run: "b2", busy: 0.9, link: 2)
    try stage.reclaim(41, left: left, taken: taken)
    stage.pass(1)
    #expect(try stage.receive(501, run: "a1", link: 3).outcome == .newest)
    #expect(cause { try stage.receive(3, run: "b2", link: 4) } == .hostTaken)
    stage.leave(link: 3)
    #expect(cause { try stage.receive(3, run: "b2", link: 4) } == .hostKept)
  }

  @Test func formerOwnersAreBounded() throws {
    try stage.confirm()
    stage.leave()
    stage.pass(400)
    for number in 0..<50 {
      try stage.receive(1, run: "r\(number)", link: FleetHost.Link(number + 1))
      stage.leave(link: FleetHost.Link(number + 1))
      stage.pass(400)
    }
    #expect(stage.book.hosts.count == 1)
    let former = stage.book["web-1"]?.formerOwners.count ?? 0
    #expect(former == 3)
  }

  @Test func aClockSetBackIsFollowedEvenForANewRun() throws {
    for sequence: UInt64 in 1...5 {
      try stage.receive(sequence)
      stage.pass(1)
    }
    var outcomes: [FleetBook.Outcome] = []
    for sequence: UInt64 in 6...20 {
      outcomes.append(try stage.receive(sequence, clock: -600).outcome)
      stage.pass(1)
    }
    #expect(outcomes.prefix(10).allSatisfy { $0 == .notOwned })
    #expect(outcomes.dropFirst(10).allSatisfy { $0 == .newest })
  }

  // MARK: - Equal names

  @Test(arguments: ["WEB-1", "Web-1"]) func upperAndLowerCaseAreTheSame(name: String) throws {
    try stage.receive(1, run: "a1", link: 1)
    #expect(cause { try stage.receive(1, of: name, run: "b2", link: 2) } == .hostTaken)
    stage.leave()
    #expect(try stage.receive(2, of: name, run: "a1", link: 2).host == "web-1")
    #expect(stage.book.hosts.map(\.name) == ["web-1"])
    #expect(stage.book["web-1"]?.latest.host == "web-1")
  }

  @Test func canonicallyEquivalentNamesAreEqual() throws {
    try stage.receive(1, of: "caf\u{E9}", run: "a1", link: 1)
    #expect(cause { try stage.receive(1, of: "cafe\u{301}", run: "b2", link: 2) } == .hostTaken)
  }

  @Test func theNameOfTheHubIsCaseInsensitive() throws {
    _ = try stage.book.receive(.test("hub"), from: .local, at: stage.now)
    #expect(cause { try stage.receive(1, of: "HUB") } == .hostTaken)
  }
}
