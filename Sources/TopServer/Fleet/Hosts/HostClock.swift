/// Maps the times of a host to the hub's clock, even when the host's clock is wrong.
///
/// A message contains the time of its sample and how long it waited before it was sent. The rest of the time until
/// arrival is the difference of the clocks plus the network delay. The shortest delay seen is the best estimate, so
/// messages that the network held up and delivered in a burst keep their spacing.
struct HostClock: Sendable, Equatable {
  /// Nanoseconds by which the delay may grow before the host's clock may have been set back.
  private static let patience: Int64 = 2_000_000_000
  /// Nanoseconds for which such messages must arrive before the clock counts as set back: messages that a stalled
  /// network or a stopped hub held up arrive all at once.
  private static let doubt: Int64 = 10_000_000_000
  /// The longest waiting time, in nanoseconds, of a message whose delay may show that the clock was set back: messages
  /// that waited longer queue behind each other, which makes their delays long.
  private static let prompt: Int64 = 2_000_000_000
  /// The maximum age of a sample in nanoseconds: a bound for invalid times, so that later sums cannot overflow.
  private static let longest: Int64 = 1_000_000_000_000_000_000
  /// Nanoseconds by which the estimate grows with each sample, since clocks drift and delays may grow permanently.
  private static let forgetting: Int64 = 1_000_000

  /// Nanoseconds from the host's wall clock to the hub's time since boot.
  private var offset: Int64?
  /// The arrival of the first of those messages that indicate a clock set back.
  private var doubtfulSince: Int64?

  /// Converts the time of a sample that has just arrived.
  ///
  /// - Parameters:
  ///   - time: Nanoseconds since the epoch, on the host's clock.
  ///   - age: Nanoseconds that the sample waited before it was sent.
  ///   - arrival: Nanoseconds since the hub's boot.
  /// - Returns: When the sample was taken, in nanoseconds since the hub's boot; never later than its arrival.
  mutating func moment(of time: Int64, age: Int64, arrival: Int64) -> Int64 {
    let seen = (arrival - age).subtractingWithinBounds(time)
    if let known = offset, seen >= known {
      let growth = seen.subtractingWithinBounds(known)
      let isDoubtful = growth > Self.patience && age <= Self.prompt
      doubtfulSince = isDoubtful ? doubtfulSince ?? arrival : nil
      let isSet = doubtfulSince.map { arrival - $0 >= Self.doubt } ?? false
      offset = isSet ? seen : known + min(growth, Self.forgetting)
    } else {
      // No delay is shorter than the shortest: the clock was set ahead, or this delay is the new shortest.
      offset = seen
      doubtfulSince = nil
    }
    let moment = time.addingWithinBounds(offset ?? seen)
    return min(arrival, max(arrival - Self.longest, moment))
  }
}

/// Saturating arithmetic, since the clock of a host may have any value.
extension Int64 {
  func subtractingWithinBounds(_ other: Int64) -> Int64 {
    let (difference, isBeyond) = subtractingReportingOverflow(other)
    return isBeyond ? (self < 0 ? .min : .max) : difference
  }

  func addingWithinBounds(_ other: Int64) -> Int64 {
    let (sum, isBeyond) = addingReportingOverflow(other)
    return isBeyond ? (self < 0 ? .min : .max) : sum
  }
}
