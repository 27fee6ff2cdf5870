import Jansson
import Linux
import MicroHTTPD

/// The JSON of every host of the fleet, without the age, which changes with every tick.
///
/// The text of a host is made again only when the host has changed, so silent hosts cost nothing.
struct FleetText: Sendable {
  private struct Part: Sendable {
    var name: String
    var revision: UInt64
    var alerts: [String]
    /// Whether its newest sample is more than a minute old.
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

  /// The range of a host's text, by its index in the scene; the closing brace is missing.
  func range(at place: Int) -> Range<Int> { parts[place].range }

  /// The range of an unchanged host's text; a host keeps its index until one before it is forgotten.
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
    make(host, FleetField.lasting, alerts, at: now)
  }

  /// Some members of a host, without the closing brace.
  static func make(
    _ host: FleetHost, _ fields: [FleetField], _ alerts: [String], at now: Int64
  ) -> [UInt8] {
    let members = fields.compactMap { field in
      field.value(of: host, alerts, at: now).map { JSONValue.Member(field.rawValue, $0) }
    }
    var text = JSONValue.object(members).encoded()
    text.removeLast()
    guard fields.contains(.recent) else { return text }
    text += Array((members.isEmpty ? "" : ",").utf8)
    text += Array("\"\(FleetField.recent.rawValue)\":[".utf8)
    for (place, share) in host.recent.series(at: now).enumerated() {
      if place > 0 { text.append(UInt8(ascii: ",")) }
      append(share, to: &text)
    }
    text.append(UInt8(ascii: "]"))
    return text
  }

  /// Appends a percentage with one decimal.
  ///
  /// Written by hand, since the last minutes of thousands of hosts are most of the text.
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
