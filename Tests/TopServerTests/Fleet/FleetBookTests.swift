import Linux
import Testing

@testable import TopServer

@Suite struct FleetBookTests {
  private let stage = FleetStage()

  // MARK: - Samples

  @Test func theNewestSampleIsShown() throws {
    #expect(try stage.receive(1, busy: 0.25).outcome == .newest)
    #expect(stage.pass(1) == ["web-1 connected"])
    #expect(try stage.receive(2, busy: 0.5).outcome == .newest)
    let host = try #require(stage.book["web-1"])
    #expect(host.latest.busy == 0.5 && host.latest.sequence == 2)
    #expect(host.isConnected && host.address == "10.0.0.1" && host.kind == .agent)
    #expect(host.state(at: stage.now.sinceBoot) == .live)
    #expect(host.reconnects == 0 && host.lateSamples == 0)
  }

  @Test func duplicateSamplesCountOnce() throws {
    try stage.receive(1)
    stage.pass(1)
    try stage.receive(2, busy: 0.5)
    let before = stage.book
    #expect(try stage.receive(1, busy: 1).outcome == .duplicate)
    #expect(try stage.receive(2, busy: 1).outcome == .duplicate)
    #expect(stage.book["web-1"] == before["web-1"])
  }

  @Test func anotherRunHasItsOwnNumbers() throws {
    try stage.receive(1, run: "a1")
    stage.leave("web-1", link: 1)
    stage.pass(300)
    #expect(try stage.receive(1, run: "b2", link: 2).outcome == .newest)
  }

  // MARK: - Late samples

  @Test func lateSamplesFillTheGapAndKeepTheNewest() throws {
    for sequence in 1...5 {
      try stage.receive(UInt64(sequence), busy: 0.1)
      stage.pass(1)
    }
    // Disconnected for 20 seconds: samples 6 to 25 wait.
    stage.leave("web-1", link: 1)
    stage.pass(20)
    let back = stage.seconds
    for sequence in 6...25 {
      let taken = 1000 + Double(sequence) - 1
      #expect(
        try stage.receive(
          UInt64(sequence), busy: 0.9, takenAt: taken, age: back - taken, link: 2
        ).outcome == .newest)
    }
    try stage.receive(26, busy: 0.3, link: 2)
    let host = try #require(stage.book["web-1"])
    #expect(host.latest.busy == 0.3 && host.age(at: stage.now.sinceBoot) == 0)
    #expect(host.reconnects == 1 && host.lateSamples == 18)
    // A sample is taken at the end of a second, so it covers the second before.
    let tenths = stage.series().suffix(26).map { $0.map { Int(($0 * 10).rounded()) } }
    #expect(tenths == Array(repeating: 1, count: 5) + Array(repeating: 9, count: 20) + [3])
  }

  @Test func aLateSampleIsNeverTheNewest() throws {
    try stage.receive(2, busy: 0.1)
    #expect(try stage.receive(1, busy: 0.9, takenAt: stage.seconds - 40, age: 40).outcome == .late)
    #expect(stage.book["web-1"]?.latest.busy == 0.1)
    #expect(stage.series()[60 - 40 - 1].map { $0 > 0.89 } == true)
  }

  @Test func oldSamplesDoNotMakeAHostLive() throws {
    // The hub is new, and the agent kept a minute.
    try stage.receive(1, takenAt: stage.seconds - 60, age: 60)
    #expect(stage.book["web-1"]?.state(at: stage.now.sinceBoot) == .lost)
    #expect(stage.book["web-1"]?.age(at: stage.now.sinceBoot) == 60)
  }

  // MARK: - Clocks

  @Test func aWrongClockIsCorrected() throws {
    for sequence in 1...10 {
      let receipt = try stage.receive(UInt64(sequence), clock: -3600)
      #expect(receipt.outcome == .newest)
      // Recorded samples have the time of the hub.
      #expect(abs(receipt.time - stage.now.wall) < 1_000_000_000)
      stage.pass(1)
    }
    let host = try #require(stage.book["web-1"])
    #expect(host.state(at: stage.now.sinceBoot) == .live)
    #expect(host.clockOffset == -3600)
    #expect(stage.series().suffix(11).dropLast().allSatisfy { $0 != nil })
  }

  @Test func aCorrectClockKeepsItsTimes() throws {
    let receipt = try stage.receive(1, takenAt: stage.seconds - 0.25, age: 0)
    #expect(receipt.time == stage.time(stage.seconds - 0.25))
  }

  // MARK: - Silence

  @Test func aSilentHostBecomesStaleThenLostThenLive() throws {
    try stage.receive(1)
    #expect(stage.pass(3) == ["web-1 connected"])
    #expect(stage.pass(0.1) == ["web-1 stale"])
    #expect(stage.pass(26.8) == [])
    #expect(stage.pass(0.2) == ["web-1 lost"])
    #expect(stage.book["web-1"]?.busyNow == nil)
    #expect(stage.book["web-1"]?.latest.busy == 0.25)
    #expect(stage.pass(3600) == [])
    try stage.receive(2)
    #expect(stage.pass(0) == ["web-1 live"])
  }

  @Test func aLongIntervalDelaysStaleness() throws {
    var sample = HostSample.test(interval: 20)
    sample.time = stage.time(stage.seconds)
    _ = try stage.book.receive(sample, from: .agent(1), at: stage.now)
    #expect(stage.pass(60) == ["web-1 connected"])
    #expect(stage.pass(1) == ["web-1 stale"])
    #expect(stage.pass(138) == [])
    #expect(stage.pass(2) == ["web-1 lost"])
  }

  @Test func afterADayOfSilenceAHostIsForgotten() throws {
    try stage.confirm("a", link: 1)
    try stage.receive(1, of: "b", link: 2)
    stage.leave("a", link: 1)
    stage.pass(1)
    #expect(stage.pass(86_397) == ["a lost", "b lost"])
    #expect(stage.pass(2) == ["a forgotten"])
    // An open connection keeps its host.
    #expect(stage.book.hosts.map { $0.name } == ["b"])
    try stage.receive(2, of: "b", link: 2)
    #expect(stage.book["b"]?.latest.sequence == 2)
  }

  // MARK: - Connections

  @Test func theSameRunReplacesItsConnection() throws {
    try stage.receive(1, link: 1)
    let receipt = try stage.receive(2, link: 2)
    #expect(receipt.replaced?.link == 1)
    // The end of the old connection does not affect the new one.
    stage.leave("web-1", link: 1)
    #expect(stage.book["web-1"]?.isConnected == true)
    stage.leave("web-1", link: 2)
    #expect(stage.book["web-1"]?.isConnected == false)
    #expect(stage.pass(0) == ["web-1 connected", "web-1 connected", "web-1 disconnected"])
  }

  @Test func noClientCanSendAsThisMachine() throws {
    _ = try stage.book.receive(.test("hub"), from: .local, at: stage.now)
    stage.pass(100)
    #expect(cause { try stage.receive(1, of: "hub") } == .hostTaken)
    #expect(stage.book["hub"]?.kind == .local && stage.book["hub"]?.isConnected == true)
  }

  // MARK: - Bounds

  @Test func stepsBetweenTwoTicksAreBounded() throws {
    for link in 1...5000 { try stage.receive(UInt64(link), of: "h", link: UInt64(link)) }
    #expect(stage.pass(0).count == 1000)
  }

  /// Nothing overflows and nothing grows without bound, for any input.
  @Test(arguments: [1000, 400 * 86_400.0])
  func anyTimesAreAccepted(uptime: Double) throws {
    stage.seconds = uptime
    var random = SeededGenerator(seed: 3)
    let times: [Int64] = [0, 1, 1 << 40, 1_700_000_000_000_000_000, 9_214_646_399_999_999_999]
    for _ in 0..<5000 {
      let sample = HostSample.test(
        run: ["a", "b"].randomElement(using: &random) ?? "a",
        UInt64.random(in: 1...(1 << 53), using: &random),
        time: times.randomElement(using: &random) ?? 0,
        interval: [nil, 0.001, 1, 3600].randomElement(using: &random) ?? nil)
      _ = try? stage.book.receive(
        sample, age: [0, 1, 86_400, 1e8].randomElement(using: &random) ?? 0,
        from: .agent(UInt64.random(in: 1...3, using: &random)), at: stage.now)
      stage.pass(Double.random(in: 0...30, using: &random))
    }
    #expect(stage.book.hosts.count == 1)
  }
}
