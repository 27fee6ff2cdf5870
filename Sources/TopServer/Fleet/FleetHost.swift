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
  /// Seconds by which the host's clock is ahead of the hub's.
  var clockOffset: Double?
  /// Counts what happened to it.
  var revision: UInt64 = 0

  /// Which samples of the run have come, and where that run's clock lies.
  var received = SequenceSet()
  var clock = HostClock()

  var isConnected: Bool { link != nil || kind == .local }

  /// Seconds since the newest sample was taken.
  func age(at now: Int64) -> Double { max(0, Double(now - latestMoment) / 1e9) }

  /// Three samples may be missing, or ten, and a few seconds at least.
  func state(at now: Int64) -> State {
    // At first nothing is measured yet; this machine may sample once a minute.
    let interval = latest.interval ?? (kind == .local ? 60 : 1)
    let age = age(at: now)
    if age <= max(Self.staleAfter, 3 * interval) { return .live }
    return age <= max(Self.lostAfter, 10 * interval) ? .stale : .lost
  }

  /// Seconds without a sample after which a host is stale, and lost.
  static let staleAfter = 3.0
  static let lostAfter = 30.0

  /// Busy share of all CPUs now, from 0 to 1; `nil` when nothing recent is known.
  var busyNow: Double? { state == .lost ? nil : latest.busy }
}

/// Something that happened to a host and is told to whoever watches.
struct FleetStep: Sendable, Equatable {
  enum Kind: String, Sendable {
    case connected, disconnected, live, stale, lost
    /// After a long time without a sample it is no host of the fleet any more.
    case forgotten
  }

  var host: String
  var kind: Kind
}
