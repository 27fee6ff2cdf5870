import Linux
import Testing

@testable import TopServer

/// The cost of invented names is bounded.
@Suite struct FleetBoundsTests {
  private func limits(_ change: (inout FleetLimits) -> Void) -> FleetLimits {
    var limits = FleetLimits()
    change(&limits)
    return limits
  }

  // MARK: - Rate

  @Test func newNamesFromOneAddressAreLimited() throws {
    let stage = FleetStage(
      limits: limits {
        $0.newHostsPerNetwork = 3
        $0.newHostsPerNetworkAndSecond = 1
      })
    for number in 1...3 {
      try stage.receive(1, of: "h\(number)", link: 1_000); stage.leave("h\(number)", link: 1_000)
    }
    #expect(cause { try stage.receive(1, of: "h4", link: 1_000) } == .tooManyNewHosts)
    #expect(stage.book["h4"] == nil)
    // Known hosts are not new, and other addresses have their own limits.
    try stage.receive(2, of: "h1", link: 1_000)
    try stage.receive(1, of: "elsewhere", link: 2_000)
    stage.pass(1)
    try stage.receive(1, of: "h4", link: 1_001 - 1)
    #expect(stage.book["h4"] != nil)
  }

  @Test func anIPv6NetworkIsOneAddress() throws {
    let stage = FleetStage(limits: limits { $0.newHostsPerNetwork = 2 })
    func receive(_ number: Int, from address: String) throws {
      _ = try stage.book.receive(
        .test("h\(number)"), from: .connection(UInt64(number), address: address), at: stage.now)
    }
    try receive(1, from: "2001:db8:0:1::1")
    try receive(2, from: "2001:db8:0:1:ffff::2")
    #expect(cause { try receive(3, from: "2001:db8:0:1::3") } == .tooManyNewHosts)
    try receive(4, from: "2001:db8:0:2::1")
  }

  @Test func newNamesInTotalAreLimited() throws {
    let stage = FleetStage(limits: limits { $0.newHosts = 5 })
    for number: UInt64 in 1...5 { try stage.receive(1, of: "h\(number)", link: number) }
    #expect(cause { try stage.receive(1, of: "h6", link: 6) } == .tooManyNewHosts)
  }

  @Test func plainTextHasTheSameLimit() throws {
    let stage = FleetStage(limits: limits { $0.newHostsPerNetwork = 1 })
    let text = HostSample(host: "client1", time: stage.now.wall)
    _ = try stage.book.receive(text, from: .agent(1), at: stage.now)
    var other = text
    other.host = "client2"
    #expect(
      cause { _ = try stage.book.receive(other, from: .agent(1), at: stage.now) }
        == .tooManyNewHosts)
  }

  @Test func networksWithFullBucketsAreForgotten() throws {
    var names = NewNames(FleetLimits(), at: 0)
    for number in 0..<100 { try names.admit(from: AddressKey("10.0.0.\(number)"), at: 0) }
    names.tidy(at: 0)
    #expect(names.count == 100)
    names.tidy(at: 1_000_000_000)
    #expect(names.count == 0)
  }

  // MARK: - Duration

  @Test func aProvisionalNameIsForgottenAfterFiveMinutes() throws {
    let stage = FleetStage()
    try stage.receive(1)
    stage.leave()
    stage.pass(300)
    #expect(stage.book["web-1"] != nil)
    #expect(stage.pass(1).last == "web-1 forgotten")
    #expect(stage.book.hosts.isEmpty)
  }

  @Test func aNameLastsAfterSamplesInHalfAMinute() throws {
    let stage = FleetStage()
    for second: UInt64 in 1...30 {
      try stage.receive(second)
      stage.pass(1)
      #expect(stage.book["web-1"]?.isConfirmed == false && stage.book.known(at: stage.now).isEmpty)
    }
    try stage.receive(30)
    #expect(stage.book["web-1"]?.isConfirmed == false, "one that comes twice counts once")
    try stage.receive(31)
    #expect(stage.book["web-1"]?.isConfirmed == true && stage.book.known(at: stage.now).count == 1)
  }

  @Test(arguments: [10.0, 60, 240]) func aNameThatSendsSeldomLastsWithItsFourthSample(
    interval: Double
  ) throws {
    let stage = FleetStage()
    for sequence: UInt64 in 1...4 {
      #expect(stage.book["web-1"]?.isConfirmed != true)
      try stage.receive(sequence)
      stage.pass(interval)
    }
    #expect(stage.book["web-1"]?.isConfirmed == true)
  }

  /// Whatever times they claim: only the hub's own clock counts.
  @Test func aBurstOfSamplesMakesNoNameLast() throws {
    let stage = FleetStage()
    for sequence: UInt64 in 1...600 {
      let age = Double(600 - sequence)
      try stage.receive(sequence, takenAt: stage.seconds - age, age: age)
    }
    #expect(stage.book["web-1"]?.isConfirmed == false)
    // Nor do two bursts with a pause between them.
    stage.pass(40)
    for sequence: UInt64 in 601...1200 { try stage.receive(sequence) }
    #expect(stage.book["web-1"]?.isConfirmed == false && stage.book.known(at: stage.now).isEmpty)
  }

  @Test func onlyHostsThatHaveLastedRaiseAlerts() throws {
    let stage = FleetStage()
    var alerts = AlertBook(rules: AlertRule.defaults, interval: .seconds(1), at: stage.now)
    try stage.receive(1, of: "made-up", link: 2)
    stage.leave("made-up", link: 2)
    try stage.confirm()
    for _ in 0..<40 {
      stage.pass(1)
      _ = alerts.evaluate(stage.book.hosts, at: stage.now)
    }
    #expect(alerts.firing.map(\.host) == ["web-1"])
  }

  // MARK: - Number

  /// Sends new names that stay connected; returns the host that each of them displaces.
  private func displaced(by count: UInt64, on stage: FleetStage) -> [String] {
    (1...count).map { number in
      let before = Set(stage.book.hosts.map(\.name))
      if let refused = cause({ try stage.receive(1, of: "x\(number)", link: 1000 * number) }) {
        return refused.rawValue
      }
      return before.subtracting(stage.book.hosts.map(\.name)).joined()
    }
  }

  @Test func aFullFleetForgetsProvisionalHostsFirst() throws {
    let stage = FleetStage(limits: limits { $0.hosts = 4 })
    try stage.confirm("old", link: 1)
    stage.pass(3600)
    try stage.receive(31, of: "old", link: 1)
    stage.leave("old", link: 1)
    try stage.confirm("young", link: 2)
    stage.leave("young", link: 2)
    try stage.receive(1, of: "new-1", link: 3)
    stage.leave("new-1", link: 3)
    stage.pass(1)
    try stage.receive(1, of: "new-2", link: 4)
    stage.leave("new-2", link: 4)
    stage.pass(1)
    #expect(
      displaced(by: 5, on: stage)
        == ["new-2", "new-1", "young", "too_many_hosts", "too_many_hosts"])
    #expect(stage.book["old"] != nil && stage.book.hosts.count == 4)
    #expect(try stage.receive(32, of: "old", link: 1).outcome == .newest)
  }

  @Test func aNameThatHasNotLastedIsEvictedFirst() throws {
    let stage = FleetStage(limits: limits { $0.hosts = 2 })
    try stage.receive(1, of: "made-up", link: 1)
    stage.pass(7200)
    try stage.confirm("young", link: 2)
    stage.leave("young", link: 2)
    stage.leave("made-up", link: 1)
    #expect(displaced(by: 2, on: stage) == ["made-up", "young"])
  }

  /// The hour in which nothing was heard of it does not count.
  @Test func aNameHeardForHalfAMinuteIsEvictedHoweverOldItIs() throws {
    let stage = FleetStage(limits: limits { $0.hosts = 2 })
    for (link, name) in ["first", "second"].enumerated() {
      try stage.confirm(name, link: UInt64(link + 1))
      stage.leave(name, link: UInt64(link + 1))
    }
    stage.pass(7200)
    try stage.receive(31, of: "second", link: 2)
    stage.leave("second", link: 2)
    let next = stage.restarted(after: 60)
    for stage in [stage, next] {
      #expect(stage.book["first"]?.isConfirmed == true)
    }
    #expect(displaced(by: 2, on: stage) == ["first", "too_many_hosts"])
    let full = FleetStage(limits: limits { $0.hosts = 3 })
    full.seconds = next.seconds
    full.book.restore(next.book.known(at: next.now), at: next.now)
    _ = try full.book.receive(.test("hub"), from: .local, at: full.now)
    #expect(displaced(by: 2, on: full) == ["first", "too_many_hosts"])
  }

  @Test func twentyThousandInventedNamesAreBounded() throws {
    let stage = FleetStage()
    _ = try stage.book.receive(.test("hub"), from: .local, at: stage.now)
    try stage.confirm("real")
    stage.leave("real")
    var refused = 0
    for number in 0..<20_000 {
      stage.seconds += 0.0002
      let source = FleetBook.Source.connection(FleetHost.Link(100 + number), address: "10.1.0.1")
      do throws(FleetRefusal) {
        _ = try stage.book.receive(.test("fake-\(number)"), from: source, at: stage.now)
        stage.leave("fake-\(number)", link: FleetHost.Link(100 + number))
      } catch {
        refused += 1
      }
    }
    #expect((18_900...18_980).contains(refused))
    #expect(stage.book.known(at: stage.now).map(\.name) == ["real"])
    try stage.receive(1, of: "new", link: 2)
    stage.pass(301)
    #expect(Set(stage.book.hosts.map(\.name)) == ["hub", "real", "new"])
  }

  @Test func aPlaceIsReservedForThisMachine() throws {
    let known = (0..<5).map {
      KnownHost(name: "h\($0)", kind: .agent, lastSeen: Instant.at(1000).wall)
    }
    let stage = FleetStage(limits: limits { $0.hosts = 5 })
    stage.book.restore(known, at: stage.now)
    _ = try stage.book.receive(.test("hub"), from: .local, at: stage.now)
    #expect(stage.book.hosts.count == 5 && stage.book["hub"]?.kind == .local)
  }

  // MARK: - Late samples

  @Test func aDelayedSampleIsLateEvenIfItIsTheNewest() throws {
    let stage = FleetStage()
    let first = try stage.receive(1, takenAt: stage.seconds - 60, age: 60)
    #expect(first.outcome == .newest && first.isLate)
    let newest = try stage.receive(2)
    #expect(newest.outcome == .newest && !newest.isLate)
    #expect(stage.book["web-1"]?.lateSamples == 1)
  }

  // MARK: - After a pause

  @Test func oneLongIntervalDoesNotDelayStaleness() throws {
    let stage = FleetStage()
    try stage.receive(1)
    stage.pass(7200)
    var sample = HostSample.test("web-1", 2, time: stage.now.wall, interval: 3600)
    sample.numbers[.uptime] = 1
    _ = try stage.book.receive(sample, from: .agent(1), at: stage.now)
    stage.pass(0)
    #expect(stage.pass(4) == ["web-1 stale"])
  }
}
