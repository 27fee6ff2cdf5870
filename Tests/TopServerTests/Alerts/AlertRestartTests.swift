import Linux
import ProcFS
import Testing

@testable import TopServer

@Suite struct AlertRestartTests {
  /// The memory of a firing scene after encoding and decoding.
  private func memory(of scene: AlertScene, at now: Instant) throws -> AlertMemory {
    try AlertMemoryText.parse(AlertMemoryText.make(scene.book.memory), at: now)
  }

  private func firing() -> AlertScene {
    var scene = AlertScene.cpu()
    scene.run(41, cpu: 0.8)
    return scene
  }

  @Test func aRestoredAlertKeepsFiringUntilItIsResolved() throws {
    let before = firing()
    let memory = try memory(of: before, at: .at(1100))
    var scene = AlertScene([.test()], memory: memory, from: 1100)
    #expect(scene.book.firing.map(\.id) == [1])
    scene.run(10, cpu: 0.7)
    scene.run(6, cpu: 0.1)
    // It fired at 31, and the time without a server counts, too.
    #expect(scene.said == ["116 resolved after 85"])
    #expect(scene.book.history.map(\.id) == [1])
    scene.run(31, cpu: 0.8)
    #expect(scene.book.firing.map(\.id) == [2])
  }

  @Test func anAlertKeepsItsAgeAcrossAReboot() throws {
    let now = Instant(
      monotonic: 20_000_000_000, sinceBoot: 20_000_000_000, wall: Instant.at(1931).wall)
    let alert = try #require(try memory(of: firing(), at: now).firing.first)
    #expect(alert.firingSeconds(at: now) == 900)
  }

  @Test func anAlertFromTheFutureHasAnAgeOfZero() throws {
    let alert = try #require(try memory(of: firing(), at: .at(10)).firing.first)
    #expect(alert.firingSeconds(at: .at(10)) == 0)
    #expect(alert.since.wall == Instant.at(1031).wall)
  }

  @Test func aPendingRuleStartsAgainAfterARestart() throws {
    var scene = AlertScene.cpu()
    scene.run(20, cpu: 0.8)
    var restarted = AlertScene([.test()], memory: try memory(of: scene, at: .at(1020)), from: 1020)
    restarted.run(30, cpu: 0.8)
    #expect(restarted.said == ["21 pending"])
  }

  @Test func anAlertWithoutItsRuleIsResolved() throws {
    let memory = try memory(of: firing(), at: .at(1100))
    let book = AlertBook(
      rules: AlertRule.defaults, interval: .seconds(1), memory: memory, at: .at(1100))
    #expect(book.firing.isEmpty)
    #expect(book.history.map(\.end) == [.ruleRemoved])
    #expect(book.history.first?.seconds == 69)
    #expect(book.revision == 1)
  }
}

@Suite struct AlertMemoryTextTests {
  private func alert(_ id: Int64) -> Alert {
    Alert(
      id: id, rule: "cpu", condition: "CPU above 75 %", unit: .percentOfAllCPUs, side: .above,
      threshold: 0.75, conditionSince: 1_700_000_000_123_456_789, since: .at(30),
      firstValue: 0.8, worstValue: 1, note: "odd \"name\"\n",
      suspects: [
        Suspect(
          identity: .init(pid: 7, startTicks: 99), name: "x\u{FFFD}", startTime: 1_700_000_000.25,
          before: nil, during: 1.5, hasEnded: true),
        Suspect(
          identity: .init(pid: 8, startTicks: 1), name: "y", startTime: 1, before: 0.25,
          during: 0.5, hasEnded: false),
      ])
  }

  @Test func theMemoryRoundTrips() throws {
    let now = Instant.at(100)
    let memory = AlertMemory(
      nextID: 9, firing: [alert(8)], history: [alert(7).ended(.cleared, at: .at(50))])
    #expect(try AlertMemoryText.parse(AlertMemoryText.make(memory), at: now) == memory)
  }

  @Test func theNumberOfStoredAlertsIsBounded() throws {
    let firing = (1...Int64(AlertMemoryText.mostFiring + 1)).map(alert)
    let memory = AlertMemory(nextID: Int64(firing.count) + 1, firing: firing)
    let text = AlertMemoryText.make(memory)
    #expect(
      try AlertMemoryText.parse(text, at: .at(100)).firing.count == AlertMemoryText.mostFiring)
  }

  /// Parses the file of one alert after replacing a number in it.
  private func mangled(_ number: String, _ other: String) throws -> AlertMemory {
    let text = String(
      decoding: AlertMemoryText.make(AlertMemory(firing: [alert(1)])), as: UTF8.self)
    try #require(text.contains(number))
    return try AlertMemoryText.parse(Array(text.replacing(number, with: other).utf8), at: .at(100))
  }

  @Test func aTimeBeforeTheEpochIsRejected() {
    #expect(throws: Failure.self) { try mangled("\(Instant.at(30).wall)", "\(Int64.min)") }
  }

  @Test func aSuspectWithAnImplausibleStartTimeIsLeftOut() throws {
    let memory = try mangled("1700000000.25", "1e300")
    #expect(memory.firing.first?.suspects.map(\.name) == ["y"])
  }

  @Test(arguments: [
    ("", "1:0: unexpected token near end of file"), ("{}", "not a list of alerts of version 1"),
    (#"{"version":2,"next_id":1}"#, "it has version 2, of a newer program"), ("[1,\n2,]", "2:"),
    (#"{"version":1,"next_id":9223372036854775807}"#, "not a list of alerts of version 1"),
    (#"{"version":1,"next_id":1,"firing":[{"id":1}]}"#, "1 of its alerts under \"firing\""),
  ])
  func invalidTextIsRejected(_ text: String, _ reason: String) throws {
    let failure = try #require(throws: Failure.self) {
      try AlertMemoryText.parse(Array(text.utf8), at: .at(1))
    }
    #expect("\(failure)".contains(reason), "\(failure)")
  }
}
