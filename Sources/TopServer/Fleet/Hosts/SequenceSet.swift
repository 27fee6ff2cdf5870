/// The received sequence numbers of a run, to detect duplicates.
///
/// Agents send in order, so one range is usually enough. A client that leaves gaps cannot make the set large: beyond a
/// few ranges the oldest gap counts as received.
struct SequenceSet: Sendable, Equatable {
  private static let mostRanges = 8

  private var ranges: [ClosedRange<UInt64>] = []

  func contains(_ number: UInt64) -> Bool { ranges.contains { $0.contains(number) } }

  /// Adds a number.
  ///
  /// - Returns: `false` when the set already contained it.
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

  /// Joins a range with the next one if they are adjacent.
  private mutating func joinAt(_ place: Int) {
    guard place + 1 < ranges.count, ranges[place].upperBound + 1 >= ranges[place + 1].lowerBound
    else { return }
    ranges[place] = ranges[place].lowerBound...ranges[place + 1].upperBound
    ranges.remove(at: place + 1)
  }
}
