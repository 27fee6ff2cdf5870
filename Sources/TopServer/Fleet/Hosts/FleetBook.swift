import Linux

/// The fleet: every host, with the samples that it sent.
///
/// Pure: the same calls give the same fleet. This machine is a host like all others.
///
/// A silent host stays in the fleet, so that its silence is reported: it becomes stale, then lost, and is forgotten
/// only after a day without a sample. An unconfirmed name is forgotten after five minutes, since any client can
/// invent one.
struct FleetBook: Sendable {
  /// The source of a sample.
  enum Source: Sendable, Equatable {
    case local
    case connection(FleetHost.Link, address: String)
  }

  /// The result for a sample.
  enum Outcome: Sendable, Equatable {
    /// It is the newest sample of its host.
    case newest
    /// It filled a gap in the past.
    case late
    /// The host has sent it before.
    case duplicate
    /// Its run did not own the name at the time of the sample.
    case notOwned
  }

  /// The result for a sample, and what to do about it.
  struct Receipt: Sendable, Equatable {
    var outcome: Outcome
    /// The name of the host in its first spelling: names are case-insensitive.
    var host: String
    /// When the sample was taken, in nanoseconds since the epoch: by the host's clock, unless that is wrong.
    var time: Int64
    /// Whether the sample had waited at its agent.
    var isLate = false
    /// Whether the host is not confirmed yet.
    var isProvisional = false
    /// The previous connection of the host, to be closed.
    var replaced: FleetHost.Replacement?
    /// Whether a host was forgotten to make room for this one.
    var hasEvicted = false
  }

  /// Nanoseconds without a sample after which a host is forgotten.
  static let memory: Int64 = 86_400_000_000_000
  /// Nanoseconds without a sample after which a provisional host is forgotten.
  static let provisionalMemory: Int64 = FleetHost.keepingTime
  /// A host whose first and last sample are at least this many nanoseconds apart is never evicted.
  private static let longKnown: Int64 = 3_600_000_000_000
  /// The limit of steps between two ticks.
  private static let mostSteps = 1000

  private let limit: Int
  /// In the order in which they appeared.
  private(set) var hosts: [FleetHost] = []
  private var places: [String: Int] = [:]
  private var steps: [FleetStep] = []
  private var newNames: NewNames
  /// The hosts that may be evicted, computed at most once per tick.
  private var victims: [(place: Int, name: String)]?

  init(limits: FleetLimits = FleetLimits(), at now: Instant) {
    limit = limits.hosts
    newNames = NewNames(limits, at: now.sinceBoot)
  }

  /// Looks a host up; names are case-insensitive.
  subscript(name: String) -> FleetHost? { places[HostName.key(of: name)].map { hosts[$0] } }

  // MARK: - Samples

  /// Processes a sample.
  ///
  /// - Parameters:
  ///   - age: Seconds that the sample waited before it was sent.
  ///   - now: When it arrived.
  /// - Throws: A ``FleetRefusal`` when the sample is rejected; nothing has changed then.
  mutating func receive(
    _ sample: HostSample, age: Double = 0, from source: Source, at now: Instant
  ) throws(FleetRefusal) -> Receipt {
    let age = Int64(age * 1e9)
    let known = places[HostName.key(of: sample.host)]
    var hasEvicted = false
    let place: Int
    if let known {
      place = known
    } else {
      (place, hasEvicted) = try makeRoom(for: sample, source, at: now)
    }
    let replaced = try hosts[place].attach(source, sample, at: now, &steps)
    var receipt = hosts[place].add(sample, age: age, at: now)
    receipt.replaced = replaced
    receipt.hasEvicted = hasEvicted
    steps.removeLast(max(0, steps.count - Self.mostSteps))
    return receipt
  }

  /// Handles the end of a connection.
  ///
  /// - Parameter isGivenUp: Whether the client said that its run ends, and so releases the name.
  mutating func disconnect(
    _ link: FleetHost.Link, from name: String, isGivenUp: Bool = false, at now: Instant
  ) {
    // Another connection may have replaced it.
    guard let place = places[HostName.key(of: name)], hosts[place].link == link else { return }
    hosts[place].release(at: now.sinceBoot, isGivenUp: isGivenUp)
    note(FleetStep(host: hosts[place].name, kind: .disconnected))
  }

  /// Finds a place for a new host: a free one, or that of a less important host.
  private mutating func makeRoom(
    for sample: HostSample, _ source: Source, at now: Instant
  ) throws(FleetRefusal) -> (place: Int, hasEvicted: Bool) {
    if case .connection(_, let address) = source {
      try newNames.admit(from: AddressKey(address), at: now.sinceBoot)
    }
    let victim = hosts.count < limit ? nil : nextVictim()
    guard hosts.count < limit || victim != nil else {
      throw FleetRefusal(
        cause: .tooManyHosts, reason: "this hub has reached its limit of \(limit) hosts")
    }
    var host = FleetHost(
      name: sample.host, kind: source == .local ? .local : sample.kind, latest: sample,
      latestMoment: Int64.min)
    host.firstSeen = now.sinceBoot
    host.lastHeard = now.sinceBoot
    host.watchedSince = now.sinceBoot
    guard let victim else {
      add(host)
      return (hosts.count - 1, false)
    }
    note(FleetStep(host: hosts[victim].name, kind: .forgotten))
    places[HostName.key(of: hosts[victim].name)] = nil
    places[HostName.key(of: host.name)] = victim
    hosts[victim] = host
    return (victim, true)
  }

  /// The next host to evict: an unconfirmed one, or else the one whose samples span the shortest time.
  ///
  /// A host with a connection, and one whose samples span an hour, is never evicted.
  private mutating func nextVictim() -> Int? {
    if victims == nil { victims = evictable() }
    while let next = victims?.popLast() {
      if hosts[next.place].name == next.name, !hosts[next.place].isConnected { return next.place }
    }
    return nil
  }

  /// The hosts that may be evicted, the least important last.
  private func evictable() -> [(place: Int, name: String)] {
    hosts.indices.filter { place in
      !hosts[place].isConnected
        && (!hosts[place].isConfirmed || hosts[place].heardFor < Self.longKnown)
    }.sorted { one, other in
      guard hosts[one].isConfirmed == hosts[other].isConfirmed else {
        return hosts[one].isConfirmed
      }
      return hosts[one].isConfirmed
        ? hosts[one].heardFor > hosts[other].heardFor
        : hosts[one].firstSeen < hosts[other].firstSeen
    }.map { ($0, hosts[$0].name) }
  }

  private mutating func add(_ host: FleetHost) {
    places[HostName.key(of: host.name)] = hosts.count
    hosts.append(host)
  }

  private mutating func note(_ step: FleetStep) {
    if steps.count < Self.mostSteps { steps.append(step) }
  }

  // MARK: - Time

  /// Updates the state of each host at a moment, and forgets hosts that have been silent for too long.
  ///
  /// - Returns: The steps since the previous tick.
  mutating func tick(at now: Instant) -> [FleetStep] {
    var forgotten: Set<String> = []
    for place in hosts.indices {
      let state = hosts[place].state(at: now.sinceBoot)
      if state != hosts[place].state {
        hosts[place].state = state
        hosts[place].revision += 1
        note(FleetStep(host: hosts[place].name, kind: .init(state)))
      }
      let memory = hosts[place].isConfirmed ? Self.memory : Self.provisionalMemory
      if !hosts[place].isConnected, hosts[place].missed(at: now.sinceBoot) > memory {
        forgotten.insert(hosts[place].name)
      }
    }
    if !forgotten.isEmpty { forget(forgotten) }
    newNames.tidy(at: now.sinceBoot)
    victims = nil
    defer { steps = [] }
    return steps
  }

  private mutating func forget(_ names: Set<String>) {
    for host in hosts where names.contains(host.name) {
      note(FleetStep(host: host.name, kind: .forgotten))
    }
    hosts.removeAll { names.contains($0.name) }
    places = Dictionary(
      uniqueKeysWithValues: hosts.enumerated().map { (HostName.key(of: $1.name), $0) })
  }

  // MARK: - Restarts

  /// Adds the hosts of a previous run of the hub, so that those that do not return are reported.
  ///
  /// The time while the hub was down does not count as silence. Each name is reserved for its run as if the connection
  /// had ended now.
  mutating func restore(_ known: [KnownHost], at now: Instant) {
    // Reserve one place for this machine, which joins after them.
    for one in known where hosts.count < limit - 1 && places[HostName.key(of: one.name)] == nil {
      guard one.missed < Self.memory else { continue }
      add(FleetHost(one, at: now))
    }
  }

  /// The hosts to store for the next run of the hub: all that are confirmed, except this machine.
  func known(at now: Instant) -> [KnownHost] {
    hosts.filter { $0.kind != .local && $0.isConfirmed }.map { KnownHost($0, at: now) }
  }
}

extension HostSample {
  /// Only samples of agents have a run.
  var kind: FleetHost.Kind { run.isEmpty ? .text : .agent }
}

extension FleetStep.Kind {
  fileprivate init(_ state: FleetHost.State) {
    switch state {
    case .live: self = .live
    case .stale: self = .stale
    case .lost: self = .lost
    }
  }
}
