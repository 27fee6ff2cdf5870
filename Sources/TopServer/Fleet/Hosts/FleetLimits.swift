/// The limits of known hosts and of the rate of new names.
struct FleetLimits: Sendable, Equatable {
  /// Remembered hosts, including this machine.
  var hosts = 20_000
  /// The burst of new names from one address, or one /64 of IPv6.
  var newHostsPerNetwork = 1024
  /// The rate after the burst.
  var newHostsPerNetworkAndSecond = 2.0
  /// The burst of new names from all addresses: a whole fleet may connect to a new hub.
  var newHosts = 15_000
  /// The rate after the burst.
  var newHostsPerSecond = 50.0

  init() {}

  init(hosts: Int) { self.hosts = hosts }

  /// - Parameter connectionsPerAddress: The connections that the operator expects from one gateway; half may have new
  ///   names.
  init(connectionsPerAddress: Int) {
    newHostsPerNetwork = max(newHostsPerNetwork, connectionsPerAddress / 2)
  }
}
