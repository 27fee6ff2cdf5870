import Jansson
import Linux

/// The state of a host that survives a restart of the hub.
struct KnownHost: Sendable, Equatable {
  var name: String
  var kind: FleetHost.Kind
  var address: String?
  var agent: String?
  /// Nanoseconds since the epoch, by the hub's clock.
  var lastSeen: Int64
  /// When its first sample arrived, on the same clock; `nil` in files of earlier versions.
  var firstSeen: Int64?
  /// The run that owns the name: empty for plain text, `nil` in files of earlier versions.
  var run: String?
  /// The time since which that run has owned the name without a break, in nanoseconds since the epoch.
  ///
  /// `nil` for the first owner.
  var ownedSince: Int64?
  /// When that run first got the name, on the same clock; `nil` when no previous owner is known.
  var runSince: Int64?
  /// Whether that run released the name.
  var isGivenUp = false
  /// Previous owners that can reclaim the name; the newest first.
  var formerRuns: [Run] = []
  /// Nanoseconds for which hubs have waited for a sample.
  var missed: Int64 = 0

  /// A previous owner of the name, and when it owned it, in nanoseconds since the epoch.
  struct Run: Sendable, Equatable {
    var run: String
    /// The network of its last address, which identifies a client of plain text.
    var network: AddressKey
    var since: Int64
    var until: Int64
  }
}

extension KnownHost {
  /// - Parameter host: A host other than this machine.
  init(_ host: FleetHost, at now: Instant) {
    /// Converts a time of the hub to its wall clock.
    func wall(_ moment: Int64) -> Int64 { max(0, now.wall - (now.sinceBoot - moment)) }
    name = host.name
    kind = host.kind
    address = host.address
    agent = host.latest.agent
    lastSeen = wall(host.latestMoment)
    firstSeen = wall(host.firstSeen)
    run = host.owner?.run
    ownedSince = host.owner?.periods.last.flatMap {
      $0.lowerBound == Int64.min ? nil : wall($0.lowerBound)
    }
    isGivenUp = host.isGivenUp
    runSince = host.formerOwners.isEmpty ? nil : host.owner.map { wall($0.since) }
    formerRuns = host.formerOwners.map { former in
      Run(
        run: former.run, network: former.network, since: wall(former.since),
        until: wall(former.since.addingWithinBounds(former.tenure)))
    }
    missed = host.missed(at: now.sinceBoot)
  }
}

extension FleetHost {
  /// A host of a previous run of the hub.
  init(_ known: KnownHost, at now: Instant) {
    /// Converts a wall-clock time to the hub's; a time in the future, after the clock was set back, becomes now.
    func moment(_ wall: Int64) -> Int64 { now.sinceBoot - max(0, now.wall - wall) }
    self.init(
      name: known.name, kind: known.kind, address: known.address,
      latest: HostSample(host: known.name, agent: known.agent, time: known.lastSeen),
      latestMoment: moment(known.lastSeen))
    // A missing time of an earlier version counts as long ago.
    firstSeen = known.firstSeen.map(moment) ?? now.sinceBoot - FleetBook.memory
    lastHeard = latestMoment
    watchedSince = now.sinceBoot
    missedBefore = known.missed
    isConfirmed = true
    isGivenUp = known.isGivenUp
    keptUntil = now.sinceBoot + (isGivenUp ? 0 : Self.keepingTime)
    if let run = known.kind == .text ? "" : known.run {
      owner = NameOwner(
        run: run, network: AddressKey(known.address),
        since: known.runSince.map(moment) ?? min(firstSeen, now.sinceBoot),
        from: known.ownedSince.map(moment) ?? Int64.min)
    }
    formerOwners = known.formerRuns.map { former in
      NameOwner(
        run: former.run, network: former.network, since: moment(former.since),
        until: moment(former.until))
    }
    state = state(at: now.sinceBoot)
  }
}

extension KnownHost {
  /// Increase it when earlier versions can no longer read the file.
  private static let version: Int64 = 1

  static func text(of hosts: [KnownHost]) -> [UInt8] {
    JSONValue.object([
      .init("version", .integer(version)), .init("hosts", .array(hosts.map(\.json))),
    ]).encoded() + [0x0A]
  }

  /// - Throws: A ``Failure`` that says what is wrong with the text.
  static func list(parsing bytes: [UInt8]) throws(Failure) -> [KnownHost] {
    let json = try StateText.parse(bytes, version: version)
    guard json["version"]?.integer == version, let elements = json["hosts"]?.elements else {
      throw Failure("this is not a list of hosts of version \(version)")
    }
    // Skip an invalid host; a real one returns by itself.
    return elements.compactMap { KnownHost($0) }
  }

  private var json: JSONValue {
    var members: [JSONValue.Member] = [
      .init("name", .string(name)), .init("kind", .string(kind.rawValue)),
      .init("address", JSONValue(address) { .string($0) }),
      .init("agent", JSONValue(agent) { .string($0) }), .init("last_seen", .integer(lastSeen)),
    ]
    if let firstSeen { members.append(.init("first_seen", .integer(firstSeen))) }
    if let run { members.append(.init("run", .string(run))) }
    if let ownedSince { members.append(.init("owned_since", .integer(ownedSince))) }
    if let runSince { members.append(.init("run_since", .integer(runSince))) }
    if isGivenUp { members.append(.init("given_up", .bool(true))) }
    if !formerRuns.isEmpty {
      members.append(.init("former_runs", .array(formerRuns.map(\.json))))
    }
    if missed > 0 { members.append(.init("missed_nanoseconds", .integer(missed))) }
    return .object(members)
  }

  private init?(_ json: JSONValue) {
    guard let name = json["name"]?.string, (try? HostName.check(name)) != nil,
      let kind = json["kind"]?.string.flatMap(FleetHost.Kind.init), kind != .local,
      let lastSeen = json["last_seen"]?.integer, lastSeen >= 0
    else { return nil }
    /// An optional number that cannot be negative.
    func number(_ name: String) -> Int64? { json[name]?.integer.map { max(0, $0) } }
    self.init(
      name: name, kind: kind, address: json["address"]?.string, agent: json["agent"]?.string,
      lastSeen: lastSeen, firstSeen: number("first_seen"),
      run: json["run"]?.string.flatMap { $0.utf8.count <= HostSample.longestRun ? $0 : nil },
      ownedSince: number("owned_since"), runSince: number("run_since"),
      isGivenUp: json["given_up"] == .bool(true),
      formerRuns: (json["former_runs"]?.elements ?? []).prefix(FleetHost.mostFormerOwners)
        .compactMap { Run($0) },
      missed: number("missed_nanoseconds") ?? 0)
  }
}

extension KnownHost.Run {
  fileprivate var json: JSONValue {
    .object([
      .init("run", .string(run)), .init("network", .string(network.description)),
      .init("since", .integer(since)), .init("until", .integer(until)),
    ])
  }

  fileprivate init?(_ json: JSONValue) {
    guard let run = json["run"]?.string, run.utf8.count <= HostSample.longestRun,
      let since = json["since"]?.integer, let until = json["until"]?.integer, since >= 0, until >= 0
    else { return nil }
    // Behind the address is the length of the network.
    let network = json["network"]?.string.map { String($0.prefix { $0 != "/" }) }
    self.init(run: run, network: AddressKey(network), since: since, until: until)
  }
}
