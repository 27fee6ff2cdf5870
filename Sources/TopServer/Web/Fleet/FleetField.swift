import Jansson

/// A member of a host in `/hosts`, in the order of the answer.
enum FleetField: String, Sendable, CaseIterable {
  case host, state, connected, kind, address, agent
  case sampledAt = "sampled_at"
  case clockOffset = "clock_offset_seconds"
  case interval = "interval_seconds"
  case uptime = "uptime_seconds"
  case cpuCount = "cpu_count"
  case busy = "cpu_percent"
  case average = "cpu_average_percent"
  case cpu, load, memory
  case coverage = "coverage_percent"
  case ledger
  case processes, alerts, reconnects
  case lateSamples = "late_samples"
  case givenUpSamples = "given_up_samples"
  case recent = "recent_cpu_percent"
  /// It changes with every tick, even for a silent host.
  case age = "age_seconds"

  /// The members that change only when the host changes or its last minute passes.
  static let lasting = allCases.filter { $0 != .age }

  /// The value; `nil` for the last minute, which ``FleetText`` encodes itself.
  ///
  /// - Parameters:
  ///   - alerts: The rules that fire for the host.
  ///   - now: Nanoseconds since the hub's boot.
  func value(of host: FleetHost, _ alerts: [String], at now: Int64) -> JSONValue? {
    let latest = host.latest
    return switch self {
    case .host: .string(host.name)
    case .state: .string(host.state.rawValue)
    case .connected: .bool(host.isConnected)
    case .kind: .string(host.kind.rawValue)
    case .address: JSONValue(host.address) { .string($0) }
    case .agent: JSONValue(latest.agent) { .string($0) }
    case .sampledAt: .string(RFC3339.text(nanosecondsSinceEpoch: latest.time))
    case .clockOffset: .decimal(host.clockOffset, places: 3)
    case .interval: .decimal(latest.interval, places: 3)
    case .uptime: .decimal(latest.uptime)
    case .cpuCount: JSONValue(latest.numbers[.cpuCount]) { .integer(Int64($0)) }
    case .busy: .percent(latest.busy)
    case .average: .percent(host.recent.average(at: now))
    case .cpu, .load, .ledger: AgentGroup.named(rawValue)?.value(of: latest.numbers) ?? .null
    case .memory:
      JSONValue(AgentGroup.named(rawValue)?.members(of: latest.numbers)) { members in
        .object(
          members + [.init("used_percent", .percent(latest.numbers[.memoryUsedShare]))])
      }
    case .coverage: .percent(latest.numbers[.coverage])
    case .processes: .array(latest.processes.map { .object($0.members) })
    case .alerts: .array(alerts.map { .string($0) })
    case .reconnects: .integer(Int64(host.reconnects))
    case .lateSamples: .integer(Int64(host.lateSamples))
    case .givenUpSamples: .count(host.givenUpSamples)
    case .recent: nil
    case .age: .decimal(host.age(at: now))
    }
  }
}
