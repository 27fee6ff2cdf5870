import Jansson

extension SystemText {
  /// The fleet in numbers; `/hosts` lists the hosts.
  static func fleet(_ status: FleetStatus) -> JSONValue {
    func count(_ state: FleetHost.State) -> JSONValue {
      .integer(Int64(status.states[state] ?? 0))
    }
    let counts = status.counts
    return .object([
      .init("hosts", .integer(Int64(status.hosts))),
      .init("hosts_provisional", .integer(Int64(status.provisionalHosts))),
      .init("live", count(.live)),
      .init("stale", count(.stale)), .init("lost", count(.lost)),
      .init("connections", .integer(Int64(counts.connections))),
      .init("connections_total", .count(counts.connectionsTotal)),
      .init("messages_total", .count(counts.messages)),
      .init("late_samples_total", .count(counts.late)),
      .init("not_owned_samples_total", .count(counts.notOwned)),
      .init("odd_values_total", .count(counts.oddValues)),
      .init("evicted_hosts_total", .count(counts.evicted)),
      .init("lost_samples_total", .count(counts.lost)),
      .init("duplicate_samples_total", .count(counts.duplicates)),
      .init("replaced_connections_total", .count(counts.replaced)),
      .init(
        "refused_total",
        .object(
          FleetRefusal.Cause.allCases.map {
            .init($0.rawValue, .count(counts.refused[$0] ?? 0))
          })),
      .init(
        "closures_total",
        .object(
          status.closures.sorted { $0.key < $1.key }.map { .init("\($0.key)", .count($0.value)) })),
    ])
  }
}
