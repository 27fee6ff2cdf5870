import Jansson
import Linux
import ProcFS

/// The state of alerts that survives a restart.
///
/// It excludes pending rules: their hold time starts again, since nothing was measured in between.
struct AlertMemory: Sendable, Equatable {
  /// The number of the next alert.
  var nextID: Int64 = 1
  var firing: [Alert] = []
  /// The newest first.
  var history: [Alert] = []
}

/// Encodes an ``AlertMemory`` as JSON, with times in nanoseconds since the epoch so that nothing is rounded.
enum AlertMemoryText {
  /// Increase it when earlier versions can no longer read the file.
  private static let version: Int64 = 1

  /// The limit of the number of alerts, above which a file is invalid, so that counting on cannot overflow.
  private static let mostAlerts: Int64 = 1 << 53

  /// The number of firing alerts that are stored, so that the file stays far below the limit of ``StateFile``.
  ///
  /// Rules that fire beyond it fire again after a restart.
  static let mostFiring = 16_384

  static func make(_ memory: AlertMemory) -> [UInt8] {
    let json = JSONValue.object([
      .init("version", .integer(version)),
      .init("next_id", .integer(memory.nextID)),
      .init("firing", .array(memory.firing.prefix(mostFiring).map(\.json))),
      .init("history", .array(memory.history.map(\.json))),
    ])
    return json.encoded() + [0x0A]
  }

  /// - Parameter now: Relates the times in the file to the clocks of this boot.
  /// - Throws: a ``Failure`` that says what is wrong with the text.
  static func parse(_ bytes: [UInt8], at now: Instant) throws(Failure) -> AlertMemory {
    let json = try StateText.parse(bytes, version: version)
    guard json["version"]?.integer == version, let nextID = json["next_id"]?.integer,
      (1...mostAlerts).contains(nextID)
    else {
      throw Failure("this is not a list of alerts of version \(version)")
    }
    return AlertMemory(
      nextID: nextID, firing: try alerts(json, "firing", now),
      history: try alerts(json, "history", now))
  }

  private static func alerts(
    _ json: JSONValue, _ name: String, _ now: Instant
  ) throws(Failure) -> [Alert] {
    let elements = json[name]?.elements ?? []
    let alerts = elements.compactMap { Alert($0, at: now) }
    guard alerts.count == elements.count else {
      throw Failure(
        "\(elements.count - alerts.count) of its alerts under \"\(name)\" are invalid")
    }
    return alerts
  }
}

extension Alert {
  fileprivate var json: JSONValue {
    .object([
      .init("id", .integer(id)),
      .init("host", JSONValue(host) { .string($0) }),
      .init("rule", .string(rule)),
      .init("condition", .string(condition)),
      .init("unit", .string(unit.rawValue)),
      .init("side", .string(side.rawValue)),
      .init("threshold", .real(threshold)),
      .init("condition_since", .integer(conditionSince)),
      .init("since", .integer(since.wall)),
      .init("first_value", .real(firstValue)),
      .init("worst_value", .real(worstValue)),
      .init("note", JSONValue(note) { .string($0) }),
      .init("suspects", .array(suspects.map(\.json))),
      .init("until", JSONValue(until) { .integer($0) }),
      .init("seconds", .real(seconds)),
      .init("end", JSONValue(end) { .string($0.rawValue) }),
    ])
  }

  fileprivate init?(_ json: JSONValue, at now: Instant) {
    guard let id = json["id"]?.integer, let rule = json["rule"]?.string,
      let condition = json["condition"]?.string,
      let unit = json["unit"]?.string.flatMap(AlertUnit.init),
      let side = json["side"]?.string.flatMap(AlertRule.Side.init),
      let threshold = json["threshold"]?.number,
      let conditionSince = json["condition_since"]?.integer,
      let since = json["since"]?.integer, since >= 0, let firstValue = json["first_value"]?.number,
      let worstValue = json["worst_value"]?.number
    else { return nil }
    self.init(
      id: id, host: json["host"]?.string, rule: rule, condition: condition, unit: unit, side: side,
      threshold: threshold,
      conditionSince: conditionSince, since: Instant(wall: since, asSeenAt: now),
      firstValue: firstValue, worstValue: worstValue, note: json["note"]?.string,
      suspects: json["suspects"]?.elements?.compactMap { Suspect($0) } ?? [],
      until: json["until"]?.integer, seconds: json["seconds"]?.number ?? 0,
      end: json["end"]?.string.flatMap(End.init))
  }
}

extension Suspect {
  /// The range of seconds since the epoch that a calendar can show.
  private static let plausible = 0...1e11

  fileprivate var json: JSONValue {
    .object([
      .init("pid", .integer(Int64(identity.pid))),
      .init("start_ticks", .integer(Int64(clamping: identity.startTicks))),
      .init("name", .string(name)),
      .init("start_time", JSONValue(startTime) { .real($0) }),
      .init("before", JSONValue(before) { .real($0) }),
      .init("during", .real(during)),
      .init("has_ended", .bool(hasEnded)),
    ])
  }

  fileprivate init?(_ json: JSONValue) {
    guard let pid = json["pid"]?.integer.flatMap({ Int32(exactly: $0) }),
      let ticks = json["start_ticks"]?.integer.flatMap({ UInt64(exactly: $0) }),
      let name = json["name"]?.string, let during = json["during"]?.number
    else { return nil }
    let startTime = json["start_time"]?.number
    guard startTime.map(Self.plausible.contains) ?? true else { return nil }
    self.init(
      identity: ProcessIdentity(pid: pid, startTicks: ticks), name: name, startTime: startTime,
      before: json["before"]?.number, during: during, hasEnded: json["has_ended"] == .bool(true))
  }
}

extension Instant {
  /// A moment of which only the wall clock is known.
  ///
  /// A moment that lies in the future, because the clock was set back since, becomes `now`.
  fileprivate init(wall: Int64, asSeenAt now: Instant) {
    let age = max(0, now.wall - wall)
    self.init(monotonic: now.monotonic - age, sinceBoot: now.sinceBoot - age, wall: wall)
  }
}
