import Linux

/// The run of an agent that a host's name belongs to, or belonged to, and the times that it may speak about.
///
/// A client that sends plain text has no run: what tells it from others is its address.
struct NameOwner: Sendable, Equatable {
  /// Empty for plain text.
  let run: String
  /// Where its newest connection came from.
  var network: AddressKey
  /// When it, or the run that it continues, got the name, in nanoseconds since boot of the hub.
  let since: Int64
  /// When the name was its own, in nanoseconds since boot of the hub; the last range is open while it still is.
  private(set) var periods: [Range<Int64>]

  /// Which of its samples have come, and where its clock lies.
  var received = SequenceSet()
  var clock = HostClock()
  /// The first of its samples that came: what has a higher number was taken later.
  private var first: (sequence: UInt64, moment: Int64)?

  /// Periods that are remembered of one run: those of a name that two hosts fight for.
  private static let mostPeriods = 4
  /// Nanoseconds by which a moment may be wrong: clocks differ, and a sample is taken before it is sent.
  static let tolerance: Int64 = 2_000_000_000

  /// - Parameter start: Since when it may speak; the least number when nobody had the name before.
  init(run: String, network: AddressKey, since: Int64, from start: Int64) {
    self.run = run
    self.network = network
    self.since = since
    periods = [start..<Int64.max]
  }

  /// Whether a client is this one.
  func isSame(run: String, network: AddressKey) -> Bool {
    self.run == run && (!run.isEmpty || self.network == network)
  }

  /// Whether what a sample says of a moment is its own to say.
  func mayTell(of moment: Int64, _ sequence: UInt64) -> Bool {
    if let first, sequence > first.sequence, moment < first.moment - Self.tolerance { return false }
    return periods.contains { $0.contains(moment) }
  }

  /// A sample was taken that it may tell of.
  mutating func note(_ moment: Int64, _ sequence: UInt64) {
    if first == nil { first = (sequence, moment) }
  }

  /// Another run has the name from now on.
  mutating func end(at now: Int64) {
    guard let last = periods.popLast() else { return }
    if last.lowerBound < now { periods.append(last.lowerBound..<now) }
  }

  /// It has the name again.
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
