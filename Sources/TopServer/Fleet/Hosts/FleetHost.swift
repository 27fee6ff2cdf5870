/// The state of one host.
struct FleetHost: Sendable, Equatable {
  /// How the samples of a host arrive.
  enum Kind: String, Sendable {
    /// The machine of the hub.
    case local
    /// An agent, which sends complete samples.
    case agent
    /// A client that sends only a percentage.
    case text
  }

  /// The age of the newest sample.
  enum State: String, Sendable {
    case live
    /// Samples are overdue, but the last values are still useful.
    case stale
    /// Samples have been overdue for so long that the last values are meaningless.
    case lost
  }

  /// The hub's number of a connection.
  typealias Link = UInt64

  var name: String
  var kind: Kind
  /// The address of its last connection; `nil` for this machine.
  var address: String?
  /// Its connection; `nil` while there is none, and for this machine.
  var link: Link?
  /// The newest sample, which late samples never replace.
  var latest: HostSample
  /// When the newest sample was taken, in nanoseconds since the hub's boot.
  var latestMoment: Int64
  /// As of the last tick.
  var state = State.live
  var recent = RecentUse()
  /// The number of connections after the first.
  var reconnects = 0
  var hasConnected = false
  /// Samples that arrived late, after an outage.
  var lateSamples = 0
  /// Samples that this run of its agent dropped before they reached a hub.
  var givenUpSamples: UInt64 = 0
  /// Seconds by which the host's clock is ahead of the hub's.
  var clockOffset: Double?
  /// Counts the changes.
  var revision: UInt64 = 0

  /// Seconds between two samples, if known: the smaller of the newest two intervals, since one may follow a pause.
  var pace: Double?

  // Ownership of the name: see FleetHost+Ownership.swift.

  /// The run that owns the name; `nil` for this machine, and when an earlier version of the hub did not store it.
  var owner: NameOwner?
  /// Previous owners, the newest first.
  var formerOwners: [NameOwner] = []
  /// Until when the name is reserved after the owner's connection ended, in nanoseconds since the hub's boot.
  var keptUntil = Int64.min
  /// Whether that run released the name when it ended.
  var isGivenUp = false

  // The times since which it is known and silent, in nanoseconds since the hub's boot.

  /// When its first sample arrived, which may be before that boot.
  var firstSeen: Int64 = 0
  /// When this run of the hub began to expect its samples.
  var watchedSince = Int64.min
  /// Nanoseconds of silence up to the end of the hub's previous runs.
  var missedBefore: Int64 = 0
  /// Whether a sample arrived since ``watchedSince``.
  var isHeard = false
  /// When its last sample arrived.
  var lastHeard: Int64 = 0
  /// The number of samples that arrived at least ``confirmingPause`` after the one counted before, and when the last of
  /// them did; until ``isConfirmed``.
  var countedArrivals = 0
  var lastCounted: Int64 = 0
  /// Whether it has sent for long enough to be stored in files and reported as silent: any client can invent a name.
  var isConfirmed = false

  var isConnected: Bool { link != nil || kind == .local }

  /// Seconds since the newest sample was taken.
  func age(at now: Int64) -> Double { max(0, Double(now - latestMoment) / 1e9) }

  /// Seconds for which this run of the hub has waited for a sample, which excludes the time while the hub was down.
  func silence(at now: Int64) -> Double {
    max(0, Double(now - max(latestMoment, watchedSince)) / 1e9)
  }

  /// Nanoseconds for which this and previous runs of the hub have waited for a sample.
  func missed(at now: Int64) -> Int64 {
    max(0, now - max(latestMoment, watchedSince)) + (isHeard ? 0 : missedBefore)
  }

  /// The state by age: a host is live while up to three samples are missing, and stale while up to ten are, but at
  /// least for a few seconds.
  func state(at now: Int64) -> State {
    // Before the interval is known, assume a minute for this machine, which may sample that rarely.
    let interval = pace ?? latest.interval ?? (kind == .local ? 60 : 1)
    let age = age(at: now)
    if age <= max(Self.staleAfter, 3 * interval) { return .live }
    return age <= max(Self.lostAfter, 10 * interval) ? .stale : .lost
  }

  /// The minimum number of seconds without a sample after which a host is stale, and lost.
  static let staleAfter = 3.0
  static let lostAfter = 30.0

  /// A host is confirmed after this many samples, each of which arrived this many nanoseconds after the one counted
  /// before: after half a minute at least, however fast a client sends.
  private static let confirmingArrivals = 4
  private static let confirmingPause: Int64 = 10_000_000_000

  /// Counts a sample.
  ///
  /// - Parameter now: The hub's time; the times that a sample claims prove nothing.
  mutating func noteArrival(at now: Int64) {
    isHeard = true
    lastHeard = now
    guard !isConfirmed, countedArrivals == 0 || now - lastCounted >= Self.confirmingPause else {
      return
    }
    countedArrivals += 1
    lastCounted = now
    isConfirmed = countedArrivals >= Self.confirmingArrivals
  }

  /// The nanoseconds between its first and its last arrival.
  var heardFor: Int64 { lastHeard.subtractingWithinBounds(firstSeen) }

  /// The present busy share of all CPUs, from 0 to 1; `nil` when the host is lost or does not report it.
  var busyNow: Double? { state == .lost ? nil : latest.busy }
}

/// A change of a host, for clients of `/events`.
struct FleetStep: Sendable, Equatable {
  enum Kind: String, Sendable {
    case connected, disconnected, live, stale, lost
    /// It was removed from the fleet after a long time without a sample.
    case forgotten
  }

  var host: String
  var kind: Kind
}
