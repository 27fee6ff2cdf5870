/// The state of the fleet and the counters of the hub, for `/system`.
struct FleetStatus: Sendable, Equatable {
  var hosts = 0
  /// Hosts whose names are not confirmed yet.
  var provisionalHosts = 0
  /// Hosts by the age of their newest sample.
  var states: [FleetHost.State: Int] = [:]
  var counts = HubCounts()
  /// Closed connections by close code.
  ///
  /// See RFC 6455 section 7.4.1.
  var closures: [UInt16: UInt64] = [:]

  init() {}

  init(_ scene: FleetScene, _ counts: HubCounts, closures: [UInt16: UInt64]) {
    hosts = scene.hosts.count
    for host in scene.hosts {
      states[host.state, default: 0] += 1
      if host.kind != .local && !host.isConfirmed { provisionalHosts += 1 }
    }
    self.counts = counts
    self.closures = closures
  }
}
