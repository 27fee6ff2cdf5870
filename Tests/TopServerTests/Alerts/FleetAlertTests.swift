import Linux
import Testing

@testable import TopServer

@Suite struct FleetAlertTests {
  private let stage = FleetStage()
  private var book: AlertBook
  private var said: [String] = []

  init() {
    book = AlertBook(rules: AlertRule.defaults, interval: .seconds(1), at: .at(1000))
  }

  /// Confirms the name of a host, since new names raise no alerts.
  private func know(_ host: String) {
    stage.book.restore(
      [KnownHost(name: host, kind: .agent, lastSeen: stage.now.wall - 1_000_000_000)],
      at: stage.now)
  }

  /// Advances by seconds; in each, the host sends a sample unless it is silent.
  private mutating func run(_ seconds: Int, busy: Double?, host: String = "web-1") throws {
    if stage.book[host] == nil { know(host) }
    for _ in 0..<seconds {
      stage.pass(1)
      if let busy {
        var sample = HostSample.test(
          host, UInt64(stage.seconds), time: stage.now.wall, busy: busy)
        sample.run = "r-\(host)"
        _ = try stage.book.receive(sample, from: .agent(host == "web-1" ? 1 : 2), at: stage.now)
        stage.pass(0)
      }
      look()
    }
  }

  private mutating func look() {
    for step in book.evaluate(stage.book.hosts, at: stage.now) {
      said.append(
        "\(LogText.number(stage.seconds - 1000)) \(step.host ?? "?") \(step.rule.name) \(step.name)"
      )
    }
  }

  @Test mutating func theCPURuleAppliesToEachHost() throws {
    try run(60, busy: 0.9)
    #expect(said == ["1 web-1 cpu pending", "31 web-1 cpu firing"])
    let alert = try #require(book.firing.first)
    #expect(alert.host == "web-1" && alert.rule == "cpu" && alert.unit == .percentOfAllCPUs)
    #expect(alert.suspects.map { $0.name } == ["nginx"])
    #expect(alert.suspects.first?.during == 0.973 && alert.suspects.first?.before == nil)
    try run(30, busy: 0.1)
    #expect(said.last?.hasSuffix("web-1 cpu resolved") == true)
    #expect(book.firing.isEmpty)
    #expect(book.history.map { $0.host } == ["web-1"])
  }

  @Test mutating func aSilentHostFiresAnAlert() throws {
    try run(5, busy: 0.1)
    said = []
    try run(29, busy: nil)
    #expect(said == [])
    try run(2, busy: nil)
    #expect(said == ["36 web-1 host-silent pending", "36 web-1 host-silent firing"])
    try run(600, busy: nil)
    #expect(book.firing.map { $0.rule } == ["host-silent"])
    #expect(book.firing.first?.worstValue == 631)
    said = []
    try run(6, busy: 0.1)
    #expect(said == ["642 web-1 host-silent resolved"])
  }

  @Test mutating func anAlertOfASilentHostKeepsFiring() throws {
    try run(40, busy: 0.9)
    try run(60, busy: nil)
    #expect(book.firing.map { $0.rule } == ["cpu", "host-silent"])
    let entry = try #require(book.activeHosts.first)
    #expect(entry.progress.value == nil && entry.progress.note == "the host is silent")
  }

  @Test mutating func aForgottenHostHasNoAlert() throws {
    try run(5, busy: 0.1)
    stage.leave()
    try run(31, busy: nil)
    #expect(book.firing.count == 1)
    stage.pass(86_400)
    look()
    #expect(said.last?.hasSuffix("web-1 host-silent resolved") == true)
    #expect(book.firing.isEmpty && book.history.first?.end == .hostForgotten)
  }

  @Test mutating func alertsOfHostsSurviveARestart() throws {
    try run(40, busy: 0.9)
    let text = AlertMemoryText.make(book.memory)
    let memory = try AlertMemoryText.parse(text, at: stage.now)
    #expect(memory.firing.map { $0.host } == ["web-1"])
    book = AlertBook(
      rules: AlertRule.defaults, interval: .seconds(1), memory: memory, at: stage.now)
    #expect(book.firing.map { $0.host } == ["web-1"])
    said = []
    try run(30, busy: 0.1)
    #expect(
      said.map { $0.split(separator: " ").suffix(3).joined(separator: " ") } == [
        "web-1 cpu resolved"
      ])
  }

  @Test mutating func otherRulesApplyToThisMachineOnly() throws {
    book = AlertBook(
      rules: [.test(.process(.named("nginx")), threshold: 0.5, clear: 0.4, hold: .zero)],
      interval: .seconds(1), at: stage.now)
    try run(10, busy: 0.9)
    #expect(said == [])
  }

  @Test mutating func thisMachineIsEvaluatedByItsSnapshotsOnly() throws {
    _ = try stage.book.receive(.test("hub", busy: 0.99), from: .local, at: stage.now)
    for _ in 0..<60 {
      stage.pass(1)
      look()
    }
    #expect(said == [])
    _ = book.evaluate(.test(at: stage.now, cpu: 0.5), at: stage.now)
    #expect(book.progress.map { $0.phase } == [.inactive, .inactive, .inactive])
  }

  @Test mutating func loadIsDividedByTheHostsOwnCPUs() throws {
    try run(2, busy: 0.1)
    let host = try #require(stage.book["web-1"])
    #expect(host.reading(of: .known("load1_per_cpu"), at: stage.now).value == 0.5 / 8)
    #expect(host.reading(of: .known("load15"), at: stage.now).value == 0.3)
    #expect(host.reading(of: .memory, at: stage.now).value == 0.25)
    #expect(host.reading(of: .silence, at: stage.now).value == 0)
    // The missing part is two thousandths of a tenth of eight CPUs, which is too little to matter.
    #expect(host.reading(of: .coverage, at: stage.now).value == 1)
    #expect(host.reading(of: .swap, at: stage.now).value == nil)
  }

  @Test mutating func anAgentMayHaveALongInterval() throws {
    know("web-1")
    for sequence: UInt64 in 1...4 {
      let sample = HostSample.test(
        "web-1", sequence, time: stage.now.wall, busy: 0.9, interval: 20)
      _ = try stage.book.receive(sample, from: .agent(1), at: stage.now)
      for _ in 0..<20 {
        stage.pass(1)
        look()
      }
    }
    #expect(said == ["1 web-1 cpu pending", "41 web-1 cpu firing"])
  }

  @Test mutating func hostsAreIndependent() throws {
    for _ in 0..<40 {
      try run(1, busy: 0.9)
      stage.seconds -= 1
      try run(1, busy: 0.1, host: "web-2")
    }
    #expect(book.firing.map { $0.host } == ["web-1"])
  }
}
