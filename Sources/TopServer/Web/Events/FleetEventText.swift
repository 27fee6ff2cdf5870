import Jansson
import Linux

/// The `host` event: what happened in the fleet since the second before, and the newest values of those that sent some.
enum FleetEventText {
  /// Hosts whose values one event has at most: the hottest, since `/hosts` has all.
  private static let mostValues = 100
  /// Steps that one event has at most.
  private static let mostSteps = 100

  /// - Parameter before: The scene of the second before; hosts that did not change since have no values.
  /// - Returns: `nil` when there is nothing to tell that /system does not.
  static func make(
    _ scene: FleetScene, _ steps: [FleetStep], after before: FleetScene
  ) -> [UInt8]? {
    guard scene.hosts.count > 1 || !steps.isEmpty else { return nil }
    var known: [String: UInt64] = [:]
    for host in before.hosts { known[host.name] = host.revision }
    let changed = scene.hosts.filter { known[$0.name] != $0.revision }
      .sorted { ($1.busyNow ?? -1, $0.name) < ($0.busyNow ?? -1, $1.name) }
    return JSONValue.object([
      .init("at", .string(RFC3339.text(nanosecondsSinceEpoch: scene.time.wall))),
      .init("hosts_total", .integer(Int64(scene.hosts.count))),
      .init("steps", .array(steps.prefix(mostSteps).map(step))),
      .init("steps_left_out", .integer(Int64(max(0, steps.count - mostSteps)))),
      .init(
        "changed",
        .array(changed.prefix(mostValues).map { values($0, at: scene.time.sinceBoot) })),
      .init("changed_left_out", .integer(Int64(max(0, changed.count - mostValues)))),
    ]).encoded()
  }

  private static func step(_ step: FleetStep) -> JSONValue {
    .object([
      .init("host", .string(step.host)), .init("step", .string(step.kind.rawValue)),
    ])
  }

  private static func values(_ host: FleetHost, at now: Int64) -> JSONValue {
    .object([
      .init("host", .string(host.name)), .init("state", .string(host.state.rawValue)),
      .init("cpu_percent", .percent(host.latest.busy)),
      .init("cpu_average_percent", .percent(host.recent.average(at: now))),
      .init("age_seconds", .decimal(host.age(at: now))),
    ])
  }
}
