import Linux

/// Limits the rate of new host names, per network and in total: each name needs memory and a place.
struct NewNames: Sendable {
  private let limits: FleetLimits
  private var all: TokenBucket
  /// The networks with recent new names; ``all`` limits their number.
  private var networks: [AddressKey: TokenBucket] = [:]

  init(_ limits: FleetLimits, at now: Int64) {
    self.limits = limits
    all = TokenBucket(
      perSecond: limits.newHostsPerSecond, burst: Double(limits.newHosts), at: now)
  }

  /// Admits one more name.
  ///
  /// - Parameters:
  ///   - network: The network of the client.
  ///   - now: Nanoseconds since boot.
  /// - Throws: A ``FleetRefusal`` that names the limit.
  mutating func admit(from network: AddressKey, at now: Int64) throws(FleetRefusal) {
    guard all.has(at: now) else {
      throw FleetRefusal(
        cause: .tooManyNewHosts,
        reason: "too many new host names in total; "
          + "the hub accepts \(Int(limits.newHostsPerSecond)) a second")
    }
    var bucket =
      networks[network]
      ?? TokenBucket(
        perSecond: limits.newHostsPerNetworkAndSecond, burst: Double(limits.newHostsPerNetwork),
        at: now)
    guard bucket.spend(at: now) else {
      throw FleetRefusal(
        cause: .tooManyNewHosts,
        reason: "too many new host names from your address: \(limits.newHostsPerNetwork) at once, "
          + "then \(Int(limits.newHostsPerNetworkAndSecond)) a second")
    }
    _ = all.spend(at: now)
    networks[network] = bucket
  }

  /// Forgets the networks whose buckets are full again.
  mutating func tidy(at now: Int64) {
    guard !networks.isEmpty else { return }
    networks = networks.filter { !$0.value.isFull(at: now) }
  }

  /// The number of remembered networks.
  var count: Int { networks.count }
}
