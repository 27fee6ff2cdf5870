import Linux

/// How many names that nobody knew a hub takes, from one network and in all: each name costs memory, and a place.
struct NewNames: Sendable {
  private let limits: FleetLimits
  private var all: TokenBucket
  /// Those that have taken names lately; there are never more of them than names that ``all`` let through.
  private var networks: [AddressKey: TokenBucket] = [:]

  init(_ limits: FleetLimits, at now: Int64) {
    self.limits = limits
    all = TokenBucket(
      perSecond: limits.newHostsPerSecond, burst: Double(limits.newHosts), at: now)
  }

  /// Takes one more name.
  ///
  /// - Parameters:
  ///   - network: Where the client is that sent it.
  ///   - now: Nanoseconds since boot.
  /// - Throws: why it is not taken.
  mutating func admit(from network: AddressKey, at now: Int64) throws(FleetRefusal) {
    guard all.has(at: now) else {
      throw FleetRefusal(
        cause: .tooManyNewHosts,
        reason: "too many new host names in all; the hub takes them little by little")
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

  /// Forgets the networks that may take all again.
  mutating func tidy(at now: Int64) {
    guard !networks.isEmpty else { return }
    networks = networks.filter { !$0.value.isFull(at: now) }
  }

  /// Networks that are remembered.
  var count: Int { networks.count }
}
