import Linux

/// The fleet: every host, by the samples that came from it.
///
/// Pure: the same calls give the same fleet. This machine is in it like all others.
///
/// A host stays when it is silent, so that it is missed: it becomes stale, then lost, and is forgotten only after a day
/// without a sample. Its place is then free for another one.
struct FleetBook: Sendable {
  /// Who brings a sample.
  enum Source: Sendable, Equatable {
    case local
    case connection(FleetHost.Link, address: String)
  }

  /// What became of a sample.
  enum Outcome: Sendable, Equatable {
    /// It is the newest of its host.
    case newest
    /// It filled a gap in the past.
    case late
    /// It was there already.
    case duplicate
  }

  /// What became of a sample, and what is to be done.
  struct Receipt: Sendable, Equatable {
    var outcome: Outcome
    /// Nanoseconds since the epoch at which it was taken: what the host says, unless its clock is wrong.
    var time: Int64
    /// A connection that spoke for the host until now, and is to be closed.
    var replaced: FleetHost.Link?
  }

  /// Hosts at most: what a client can make us remember must have a bound.
  static let mostHosts = 20_000
  /// Nanoseconds without a sample after which a host is forgotten.
  static let memory: Int64 = 86_400_000_000_000
  /// A host's clock may be wrong by so many nanoseconds before we trust our own instead.
  fileprivate static let clockTolerance: Int64 = 2_000_000_000
  /// Nanoseconds that a sample may have waited and still count as live.
  fileprivate static let lateAfter: Int64 = 2_000_000_000
  /// Steps that are kept between two ticks.
  private static let mostSteps = 1000

  private let limit: Int
  /// In the order in which they came.
  private(set) var hosts: [FleetHost] = []
  private var places: [String: Int] = [:]
  private var steps: [FleetStep] = []

  init(limit: Int = mostHosts) {
    self.limit = limit
  }

  subscript(name: String) -> FleetHost? { places[name].map { hosts[$0] } }

  // MARK: - Samples

  /// Takes a sample.
  ///
  /// - Parameters:
  ///   - age: Seconds that it had waited when it was sent.
  ///   - now: When it came.
  /// - Throws: why it is not taken; then nothing has changed.
  mutating func take(
    _ sample: HostSample, age: Double = 0, from source: Source, at now: Instant
  ) throws(FleetRefusal) -> Receipt {
    let place = try place(for: sample, source, at: now)
    let replaced = try hosts[place].attach(source, run: sample.run, at: now, &steps)
    let receipt = hosts[place].add(sample, age: Int64(age * 1e9), at: now, replaced)
    steps.removeLast(max(0, steps.count - Self.mostSteps))
    return receipt
  }

  /// A connection has ended.
  mutating func disconnect(_ link: FleetHost.Link, from name: String) {
    // Another one may have taken its place.
    guard let place = places[name], hosts[place].link == link else { return }
    hosts[place].link = nil
    hosts[place].revision += 1
    note(FleetStep(host: name, kind: .disconnected))
  }

  private mutating func place(
    for sample: HostSample, _ source: Source, at now: Instant
  ) throws(FleetRefusal) -> Int {
    if let place = places[sample.host] { return place }
    guard hosts.count < limit else {
      throw FleetRefusal(
        cause: .tooManyHosts, reason: "this hub has its \(limit) hosts already")
    }
    add(
      FleetHost(
        name: sample.host, kind: source == .local ? .local : sample.kind, latest: sample,
        latestMoment: Int64.min))
    return hosts.count - 1
  }

  private mutating func add(_ host: FleetHost) {
    places[host.name] = hosts.count
    hosts.append(host)
  }

  private mutating func note(_ step: FleetStep) {
    if steps.count < Self.mostSteps { steps.append(step) }
  }

  // MARK: - Time

  /// Looks at the clock: who became stale, lost or live again, and who is to be forgotten.
  ///
  /// - Returns: What happened since the tick before.
  mutating func tick(at now: Instant) -> [FleetStep] {
    var forgotten: [String] = []
    for place in hosts.indices {
      let state = hosts[place].state(at: now.sinceBoot)
      if state != hosts[place].state {
        hosts[place].state = state
        hosts[place].revision += 1
        note(FleetStep(host: hosts[place].name, kind: .init(state)))
      }
      if now.sinceBoot - hosts[place].latestMoment > Self.memory, !hosts[place].isConnected {
        forgotten.append(hosts[place].name)
      }
    }
    if !forgotten.isEmpty { forget(forgotten) }
    defer { steps = [] }
    return steps
  }

  private mutating func forget(_ names: [String]) {
    for name in names { note(FleetStep(host: name, kind: .forgotten)) }
    let gone = Set(names)
    hosts.removeAll { gone.contains($0.name) }
    places = Dictionary(uniqueKeysWithValues: hosts.enumerated().map { ($1.name, $0) })
  }

  // MARK: - Before this run

  /// Hosts that a former run of the hub knew, so that those that do not come back are missed.
  mutating func restore(_ known: [KnownHost], at now: Instant) {
    for one in known where hosts.count < limit && places[one.name] == nil {
      let silence = max(0, now.wall - one.lastSeen)
      guard silence < Self.memory else { continue }
      var host = FleetHost(
        name: one.name, kind: one.kind, address: one.address,
        latest: HostSample(host: one.name, agent: one.agent, time: one.lastSeen),
        latestMoment: now.sinceBoot - silence)
      host.state = host.state(at: now.sinceBoot)
      add(host)
    }
  }

  /// The hosts that another run of the hub is to know: all but this machine.
  func known(at now: Instant) -> [KnownHost] {
    hosts.filter { $0.kind != .local }.map { host in
      KnownHost(
        name: host.name, kind: host.kind, address: host.address, agent: host.latest.agent,
        lastSeen: now.wall - (now.sinceBoot - host.latestMoment))
    }
  }
}

/// What survives a restart of the hub.
struct KnownHost: Sendable, Equatable {
  var name: String
  var kind: FleetHost.Kind
  var address: String?
  var agent: String?
  /// Nanoseconds since the epoch, by the hub's clock.
  var lastSeen: Int64
}

extension HostSample {
  /// What an agent sends has a run.
  fileprivate var kind: FleetHost.Kind { run.isEmpty ? .text : .agent }
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

extension FleetHost {
  /// Sees to it that one connection speaks for the host.
  ///
  /// A connection that is cut off looks alive for minutes, so a new one of the same run takes its place, and so does any
  /// when the old one is silent. Two that both speak are two hosts of one name: the first one stays.
  ///
  /// - Returns: The connection that is to be closed.
  fileprivate mutating func attach(
    _ source: FleetBook.Source, run: String, at now: Instant, _ steps: inout [FleetStep]
  ) throws(FleetRefusal) -> Link? {
    guard case .connection(let newLink, let address) = source else {
      kind = .local
      return link.take()
    }
    guard kind != .local else {
      throw FleetRefusal(
        cause: .hostTaken, reason: "the hub itself has this name; choose another with --name")
    }
    if link == newLink { return nil }
    let isSameRun = !run.isEmpty && run == latest.run
    if link != nil, !isSameRun, state(at: now.sinceBoot) == .live {
      throw FleetRefusal(
        cause: .hostTaken,
        reason: "another client sends as this host; choose another name")
    }
    if hasConnected { reconnects += 1 }
    hasConnected = true
    steps.append(FleetStep(host: name, kind: .connected))
    self.address = address
    defer { link = newLink }
    return link
  }

  fileprivate mutating func add(
    _ sample: HostSample, age: Int64, at now: Instant, _ replaced: Link?
  ) -> FleetBook.Receipt {
    if sample.run != latest.run {
      received = SequenceSet()
      clock = HostClock()
    }
    var receipt = FleetBook.Receipt(outcome: .duplicate, time: sample.time, replaced: replaced)
    if !sample.run.isEmpty, !received.insert(sample.sequence) { return receipt }
    let moment =
      sample.run.isEmpty || kind == .local
      ? now.sinceBoot - age : clock.moment(of: sample.time, age: age, arrival: now.sinceBoot)
    receipt.time = place(sample.time, taken: now.wall - (now.sinceBoot - moment))
    if age > FleetBook.lateAfter { lateSamples += 1 }
    if let busy = sample.busy {
      recent.add(busy, until: moment, length: length(of: sample, at: moment))
    }
    revision += 1
    if moment > latestMoment {
      latest = sample
      latestMoment = moment
      if kind != .local { kind = sample.kind }
      receipt.outcome = .newest
    } else {
      receipt.outcome = .late
    }
    return receipt
  }

  /// Nanoseconds that a sample stands for; a text does not say, so it stands for the time since the one before.
  private func length(of sample: HostSample, at moment: Int64) -> Int64 {
    if let interval = sample.interval { return Int64(interval * 1e9) }
    guard latestMoment != Int64.min else { return 1_000_000_000 }
    return min(max(0, moment - latestMoment), Int64(Self.staleAfter * 1e9))
  }

  /// - Parameter taken: Nanoseconds since the epoch, by the hub's clock.
  private mutating func place(_ time: Int64, taken: Int64) -> Int64 {
    clockOffset = Double(time - taken) / 1e9
    return abs(time - taken) > FleetBook.clockTolerance ? taken : time
  }
}
