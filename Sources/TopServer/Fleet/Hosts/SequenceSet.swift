/// Which samples of a run have come: what comes twice counts once.
///
/// Agents send in order, so one range is nearly always enough. A client that leaves holes cannot make it long: beyond a
/// few ranges the oldest hole counts as come.
struct SequenceSet: Sendable, Equatable {
  private static let mostRanges = 8

  private var ranges: [ClosedRange<UInt64>] = []

  func contains(_ number: UInt64) -> Bool { ranges.contains { $0.contains(number) } }

  /// Adds a number.
  ///
  /// - Returns: False when it was in already.
  mutating func insert(_ number: UInt64) -> Bool {
    let place = ranges.firstIndex { $0.upperBound >= number } ?? ranges.count
    if place < ranges.count, ranges[place].contains(number) { return false }
    ranges.insert(number...number, at: place)
    joinAt(place)
    if place > 0 { joinAt(place - 1) }
    if ranges.count > Self.mostRanges {
      ranges[1] = ranges[0].lowerBound...ranges[1].upperBound
      ranges.removeFirst()
    }
    return true
  }

  /// Joins the range at a place and the next one if they touch.
  private mutating func joinAt(_ place: Int) {
    guard place + 1 < ranges.count, ranges[place].upperBound + 1 >= ranges[place + 1].lowerBound
    else { return }
    ranges[place] = ranges[place].lowerBound...ranges[place + 1].upperBound
    ranges.remove(at: place + 1)
  }
}
