import Linux

/// A run of an agent that owns or owned a host's name, and the times of which it may send samples.
///
/// A client that sends plain text has no run and is identified by its address.
struct NameOwner: Sendable, Equatable {
  /// Empty for plain text.
  let run: String
  /// The address of its newest connection.
  var network: AddressKey
  /// When it first got the name, in nanoseconds since the hub's boot.
  let since: Int64
  /// When it owned the name, in nanoseconds since the hub's boot; the last range is open while it still does.
  private(set) var periods: [Range<Int64>]

  /// Its received samples, and the estimate of its clock.
  var received = SequenceSet()
  var clock = HostClock()
  /// Its first received sample: a sample with a higher number cannot be older.
  private var first: (sequence: UInt64, moment: Int64)?

  /// The limit of remembered periods, in case two hosts fight for a name.
  private static let mostPeriods = 4
  /// The tolerance of a time in nanoseconds: clocks differ, and a sample is taken before it is sent.
  static let tolerance: Int64 = 2_000_000_000

  /// - Parameter start: The time since which it may send samples; `Int64.min` for the first owner.
  init(run: String, network: AddressKey, since: Int64, from start: Int64) {
    self.run = run
    self.network = network
    self.since = since
    periods = [start..<Int64.max]
  }

  /// A previous owner that was stored in a file.
  init(run: String, network: AddressKey, since: Int64, until end: Int64) {
    self.init(run: run, network: network, since: since, from: since)
    periods = since < end ? [since..<end] : []
  }

  /// Whether a client is this owner.
  func isSame(run: String, network: AddressKey) -> Bool {
    self.run == run && (!run.isEmpty || self.network == network)
  }

  /// Whether it may send a sample of this moment.
  func mayTell(of moment: Int64, _ sequence: UInt64) -> Bool {
    if let first, sequence > first.sequence, moment < first.moment - Self.tolerance { return false }
    return periods.contains { $0.contains(moment) }
  }

  /// Records an accepted sample.
  mutating func note(_ moment: Int64, _ sequence: UInt64) {
    if first == nil { first = (sequence, moment) }
  }

  /// The nanoseconds from when it first got the name to when it last owned it.
  var tenure: Int64 { (periods.last?.upperBound ?? since).subtractingWithinBounds(since) }

  /// Ends the period because another run now owns the name.
  mutating func end(at now: Int64) {
    guard let last = periods.popLast() else { return }
    if last.lowerBound < now { periods.append(last.lowerBound..<now) }
  }

  /// Begins another period.
  mutating func resume(at now: Int64) {
    periods.append(now..<Int64.max)
    if periods.count > Self.mostPeriods { periods.removeFirst() }
  }

  static func == (one: NameOwner, other: NameOwner) -> Bool {
    one.run == other.run && one.network == other.network && one.since == other.since
      && one.periods == other.periods && one.received == other.received && one.clock == other.clock
      && one.first?.sequence == other.first?.sequence && one.first?.moment == other.first?.moment
  }
}
