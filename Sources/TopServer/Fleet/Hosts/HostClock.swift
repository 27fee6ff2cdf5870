/// Where the moments of a host lie on the hub's clock, although the host's own clock may be wrong.
///
/// A message says when its sample was taken and how long it waited before it was sent; what remains between that and its
/// arrival is how far the clocks are apart, and the way through the network. The shortest way seen is the best guess:
/// messages that were held up on the way and come in a bunch are then still as far apart as they were.
struct HostClock: Sendable, Equatable {
  /// Nanoseconds by which a way may grow before the host's clock may have been set back.
  private static let patience: Int64 = 2_000_000_000
  /// Nanoseconds for which such messages must come before it was: those that a stalled network or a stopped hub held up
  /// come all at once.
  private static let doubt: Int64 = 10_000_000_000
  /// Nanoseconds that a message may have waited at its sender and still speak of its clock: behind those that waited
  /// for longer there are others, and it is they that make the way long.
  private static let prompt: Int64 = 2_000_000_000
  /// Nanoseconds before its arrival at which a sample may have been taken: a bound for times that make no sense, with
  /// which others can calculate.
  private static let longest: Int64 = 1_000_000_000_000_000_000
  /// Clocks drift, and ways get longer for good: what is forgotten with each sample.
  private static let forgetting: Int64 = 1_000_000

  /// Nanoseconds from the host's wall clock to the hub's time since boot.
  private var offset: Int64?
  /// When the first came of those messages that speak of a clock that was set back.
  private var doubtfulSince: Int64?

  /// Takes a sample that has just come.
  ///
  /// - Parameters:
  ///   - time: Nanoseconds since the epoch, as the host has them.
  ///   - age: Nanoseconds that it had waited when it was sent.
  ///   - arrival: Nanoseconds since boot of the hub.
  /// - Returns: When it was taken, in nanoseconds since boot of the hub; never later than its arrival.
  mutating func moment(of time: Int64, age: Int64, arrival: Int64) -> Int64 {
    let seen = (arrival - age).subtractingWithinBounds(time)
    if let known = offset, seen >= known {
      let growth = seen.subtractingWithinBounds(known)
      let isDoubtful = growth > Self.patience && age <= Self.prompt
      doubtfulSince = isDoubtful ? doubtfulSince ?? arrival : nil
      let isSet = doubtfulSince.map { arrival - $0 >= Self.doubt } ?? false
      offset = isSet ? seen : known + min(growth, Self.forgetting)
    } else {
      // No way gets shorter than the shortest: the clock was set ahead, or this way is a new shortest.
      offset = seen
      doubtfulSince = nil
    }
    let moment = time.addingWithinBounds(offset ?? seen)
    return min(arrival, max(arrival - Self.longest, moment))
  }
}

/// The clock of a host may say anything that fits into a message.
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
