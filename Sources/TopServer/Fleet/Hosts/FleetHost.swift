/// What is known of one host.
struct FleetHost: Sendable, Equatable {
  /// How the samples of a host come.
  enum Kind: String, Sendable {
    /// It is the machine that the hub runs on.
    case local
    case agent
    /// From a client that sends nothing but a percentage.
    case text
  }

  /// How old the newest sample is.
  enum State: String, Sendable {
    case live
    /// Some samples are missing.
    case stale
    /// So many are missing that its last values say nothing any more.
    case lost
  }

  /// A connection, as the hub numbers them.
  typealias Link = UInt64

  var name: String
  var kind: Kind
  /// Where its last connection came from; `nil` for this machine.
  var address: String?
  /// The connection that speaks for it; `nil` while there is none, and for this machine.
  var link: Link?
  /// The newest sample, which late ones never replace.
  var latest: HostSample
  /// When that was taken, in nanoseconds since boot of the hub.
  var latestMoment: Int64
  /// As of the last tick.
  var state = State.live
  var recent = RecentUse()
  /// Times that a connection came after another one.
  var reconnects = 0
  var hasConnected = false
  /// Samples that came late, after an outage.
  var lateSamples = 0
  /// Samples that its agent gave up before they reached a hub, in this run of it.
  var givenUpSamples: UInt64 = 0
  /// Seconds by which the host's clock is ahead of the hub's.
  var clockOffset: Double?
  /// Counts what happened to it.
  var revision: UInt64 = 0

  /// Seconds between two samples, as far as is known: the lesser of the newest two, since one may be long after a pause.
  var pace: Double?

  // Whose name it is: see FleetHost+Ownership.swift.

  /// The run that has the name; `nil` for this machine, and when a former version of the hub did not note it.
  var owner: NameOwner?
  /// Runs that had it before, the newest first.
  var formerOwners: [NameOwner] = []
  /// Until when the name is kept for a run whose connection has ended, in nanoseconds since boot of the hub.
  var keptUntil = Int64.min

  // How long it has been known and missed, in nanoseconds since boot of the hub.

  /// When it was first heard of, which may be before that boot.
  var firstSeen: Int64 = 0
  /// When this run of the hub began to expect it.
  var watchedSince = Int64.min
  /// Nanoseconds for which former runs of the hub had missed it in the end.
  var missedBefore: Int64 = 0
  /// Whether it was heard since ``watchedSince``.
  var isHeard = false
  /// Samples that came, until there are enough of them.
  var arrivals = 0
  /// Whether it has sent enough to be kept in files and to be missed: anybody can make up a name.
  var hasLasted = false

  var isConnected: Bool { link != nil || kind == .local }

  /// Seconds since the newest sample was taken.
  func age(at now: Int64) -> Double { max(0, Double(now - latestMoment) / 1e9) }

  /// Seconds for which this run of the hub has waited for a sample: while the hub is down nobody can be heard.
  func silence(at now: Int64) -> Double {
    max(0, Double(now - max(latestMoment, watchedSince)) / 1e9)
  }

  /// Nanoseconds for which hubs have waited for a sample, this one and those before it.
  func missed(at now: Int64) -> Int64 {
    max(0, now - max(latestMoment, watchedSince)) + (isHeard ? 0 : missedBefore)
  }

  /// Three samples may be missing, or ten, and a few seconds at least.
  func state(at now: Int64) -> State {
    // At first nothing is measured yet; this machine may sample once a minute.
    let interval = pace ?? latest.interval ?? (kind == .local ? 60 : 1)
    let age = age(at: now)
    if age <= max(Self.staleAfter, 3 * interval) { return .live }
    return age <= max(Self.lostAfter, 10 * interval) ? .stale : .lost
  }

  /// Seconds without a sample after which a host is stale, and lost.
  static let staleAfter = 3.0
  static let lostAfter = 30.0

  /// A host has lasted after so many samples, or after so many nanoseconds between the first and another one.
  private static let lastingArrivals = 30
  private static let lastingTime: Int64 = 60_000_000_000

  /// A sample has come.
  mutating func noteArrival(at now: Int64) {
    isHeard = true
    guard !hasLasted else { return }
    arrivals += 1
    hasLasted =
      arrivals >= Self.lastingArrivals || arrivals > 1 && now - firstSeen >= Self.lastingTime
  }

  /// Busy share of all CPUs now, from 0 to 1; `nil` when nothing recent is known.
  var busyNow: Double? { state == .lost ? nil : latest.busy }
}

/// Something that happened to a host, for the readers of `/events`.
struct FleetStep: Sendable, Equatable {
  enum Kind: String, Sendable {
    case connected, disconnected, live, stale, lost
    /// After a long time without a sample it is no host of the fleet any more.
    case forgotten
  }

  var host: String
  var kind: Kind
}
