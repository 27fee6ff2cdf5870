import Jansson
import Linux

/// The `host` event: the changes of the fleet since the last second, and the newest values of hosts that sent some.
enum FleetEventText {
  /// The limit of hosts with values in one event: the busiest, since `/hosts` has all.
  private static let mostValues = 100
  /// The limit of steps in one event.
  private static let mostSteps = 100

  /// - Parameter before: The scene of the last second; hosts that have not changed since are left out.
  /// - Returns: `nil` when the fleet is only this machine, which /system covers.
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
