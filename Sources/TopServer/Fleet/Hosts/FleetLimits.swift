/// How many hosts a hub remembers, and how fast clients may make up new names.
struct FleetLimits: Sendable, Equatable {
  /// Hosts that are remembered, this machine included.
  var hosts = 20_000
  /// New names from one address, or one /64 of IPv6, at once.
  var newHostsPerNetwork = 1024
  /// And each second after that.
  var newHostsPerNetworkAndSecond = 2.0
  /// New names from everywhere at once: a whole fleet may meet a new hub.
  var newHosts = 15_000
  /// And each second after that.
  var newHostsPerSecond = 50.0

  init() {}

  init(hosts: Int) { self.hosts = hosts }

  /// - Parameter connectionsPerAddress: As many as the operator expects from one gateway, half of which may be new.
  init(connectionsPerAddress: Int) {
    newHostsPerNetwork = max(newHostsPerNetwork, connectionsPerAddress / 2)
  }
}
