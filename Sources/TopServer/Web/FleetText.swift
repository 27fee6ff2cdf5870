import Jansson
import Linux
import MicroHTTPD

/// Every host of a fleet as JSON, each without its age, which changes from tick to tick.
///
/// The text of a host is made anew only when something in it changed: hosts that are silent for long cost nothing.
struct FleetText: Sendable {
  private struct Part: Sendable {
    var name: String
    var revision: UInt64
    var alerts: [String]
    /// Whether the last minute has passed since its newest sample.
    var isSettled: Bool
    var range: Range<Int>
  }

  let body: Body
  private let parts: [Part]

  /// - Parameter before: The text of an earlier scene.
  init(_ scene: FleetScene, after before: FleetText?) {
    var parts: [Part] = []
    parts.reserveCapacity(scene.hosts.count)
    var text = BodyBuilder(capacity: (before?.body.count ?? scene.hosts.count * 1100) + 4096)
    for (place, host) in scene.hosts.enumerated() {
      let start = text.count
      var part = Part(
        name: host.name, revision: host.revision, alerts: scene.alerts[host.name] ?? [],
        isSettled: host.recent.isOver(at: scene.time.sinceBoot), range: start..<start)
      if let before, let same = before.range(of: part, at: place) {
        text.append(same, of: before.body)
      } else {
        text.append(Self.make(host, part.alerts, at: scene.time.sinceBoot))
      }
      part.range = start..<text.count
      parts.append(part)
    }
    self.parts = parts
    body = text.finish()
  }

  /// Where the text of a host stands, by its place in the scene; the closing brace is still missing.
  func range(at place: Int) -> Range<Int> { parts[place].range }

  /// Where the same text of a host is, if it is there; hosts keep their places until one is forgotten.
  private func range(of part: Part, at place: Int) -> Range<Int>? {
    guard place < parts.count else { return nil }
    let known = parts[place]
    guard known.name == part.name, known.revision == part.revision, known.alerts == part.alerts,
      known.isSettled, part.isSettled
    else { return nil }
    return known.range
  }

  // MARK: - One host

  private static func make(_ host: FleetHost, _ alerts: [String], at now: Int64) -> [UInt8] {
    var text = JSONValue.object(facts(host) + use(host, at: now) + past(host, alerts)).encoded()
    text.removeLast()
    text += Array(",\"recent_cpu_percent\":[".utf8)
    for (place, share) in host.recent.series(at: now).enumerated() {
      if place > 0 { text.append(UInt8(ascii: ",")) }
      append(share, to: &text)
    }
    text.append(UInt8(ascii: "]"))
    return text
  }

  private static func facts(_ host: FleetHost) -> [JSONValue.Member] {
    let latest = host.latest
    return [
      .init("host", .string(host.name)), .init("state", .string(host.state.rawValue)),
      .init("connected", .bool(host.isConnected)), .init("kind", .string(host.kind.rawValue)),
      .init("address", JSONValue(host.address) { .string($0) }),
      .init("agent", JSONValue(latest.agent) { .string($0) }),
      .init("sampled_at", .string(RFC3339.text(nanosecondsSinceEpoch: latest.time))),
      .init("clock_offset_seconds", .decimal(host.clockOffset, places: 3)),
      .init("uptime_seconds", .decimal(latest.uptime)),
      .init("cpu_count", JSONValue(latest.cpuCount) { .integer(Int64($0)) }),
    ]
  }

  private static func use(_ host: FleetHost, at now: Int64) -> [JSONValue.Member] {
    let latest = host.latest
    return [
      .init("cpu_percent", .percent(latest.busy)),
      .init("cpu_average_percent", .percent(host.recent.average(at: now))),
      .init("cpu", JSONValue(latest.modes) { .object($0.members) }),
      .init("load", JSONValue(latest.load) { .object($0.members) }),
      .init(
        "memory",
        JSONValue(latest.memory) {
          .object($0.members + [.init("used_percent", .percent($0.usedShare))])
        }),
      .init("coverage_percent", .percent(latest.coverage)),
      .init("processes", .array(latest.processes.map { .object($0.members) })),
    ]
  }

  private static func past(_ host: FleetHost, _ alerts: [String]) -> [JSONValue.Member] {
    [
      .init("alerts", .array(alerts.map { .string($0) })),
      .init("reconnects", .integer(Int64(host.reconnects))),
      .init("late_samples", .integer(Int64(host.lateSamples))),
    ]
  }

  /// Percent with one decimal.
  ///
  /// By hand, since a minute of them for each of thousands of hosts is most of the text.
  private static func append(_ share: Double?, to text: inout [UInt8]) {
    guard let share else { return text += "null".utf8 }
    let tenths = Int(min(max(share, 0), 1) * 1000 + 0.5)
    let whole = tenths / 10
    if whole >= 100 { text.append(UInt8(0x30 + whole / 100)) }
    if whole >= 10 { text.append(UInt8(0x30 + whole / 10 % 10)) }
    text.append(UInt8(0x30 + whole % 10))
    text.append(UInt8(ascii: "."))
    text.append(UInt8(0x30 + tenths % 10))
  }
}
