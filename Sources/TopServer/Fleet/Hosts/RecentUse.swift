/// The CPU use of the last minute in seconds, for samples that arrive in any order.
///
/// A sample covers the time since the previous one, and its value is spread over the seconds of that time. So the
/// average is weighted by time, and a second without samples has no value.
struct RecentUse: Sendable, Equatable {
  private struct Bucket: Equatable {
    /// CPU seconds, as a share of all CPUs.
    var used: Float = 0
    /// The covered part of this second.
    var known: Float = 0
  }

  /// The number of shown seconds.
  static let length = 60
  private static let second: Int64 = 1_000_000_000
  /// The smallest covered part of a second that is shown.
  private static let least: Float = 0.05

  /// The shown seconds and the current one; the index is the number of the second modulo their count.
  private var buckets = [Bucket](repeating: Bucket(), count: length + 1)
  /// The newest second in ``buckets``.
  private var newest = Int64.min

  /// Adds a value.
  ///
  /// - Parameters:
  ///   - share: The busy share of all CPUs, from 0 to 1.
  ///   - end: Nanoseconds since the hub's boot.
  ///   - length: Nanoseconds before `end` that the value covers.
  mutating func add(_ share: Double, until end: Int64, length: Int64) {
    advance(to: Self.number(of: end))
    var start = max(end - length, (newest - Int64(Self.length)) * Self.second)
    while start < end {
      let number = Self.number(of: start)
      let stop = min(end, (number + 1) * Self.second)
      let known = Float(stop - start) / Float(Self.second)
      buckets[Self.place(of: number)].used += Float(share) * known
      buckets[Self.place(of: number)].known += known
      start = stop
    }
  }

  /// One value for each of the last 60 complete seconds, the oldest first.
  func series(at now: Int64) -> [Double?] {
    let end = Self.number(of: now)
    return ((end - Int64(Self.length))..<end).map { number in
      guard let bucket = bucket(number), bucket.known >= Self.least else { return nil }
      return min(1, Double(bucket.used / bucket.known))
    }
  }

  /// The mean of the known values of the last 60 seconds.
  func average(at now: Int64) -> Double? {
    let end = Self.number(of: now)
    var (used, known): (Float, Float) = (0, 0)
    for number in (end - Int64(Self.length))...end {
      guard let bucket = bucket(number) else { continue }
      used += bucket.used
      known += bucket.known
    }
    return known >= Self.least ? min(1, Double(used / known)) : nil
  }

  /// Whether every value is too old to be shown.
  func isOver(at now: Int64) -> Bool {
    newest == Int64.min || Self.number(of: now) - newest > Int64(Self.length)
  }

  private func bucket(_ number: Int64) -> Bucket? {
    guard newest != Int64.min, number <= newest, number >= newest - Int64(Self.length) else {
      return nil
    }
    return buckets[Self.place(of: number)]
  }

  private mutating func advance(to number: Int64) {
    guard number > newest else { return }
    let count = Int64(buckets.count)
    if newest == Int64.min || number - newest >= count {
      for index in buckets.indices { buckets[index] = Bucket() }
    } else {
      for passed in (newest + 1)...number { buckets[Self.place(of: passed)] = Bucket() }
    }
    newest = number
  }

  private static func number(of moment: Int64) -> Int64 {
    let (quotient, remainder) = moment.quotientAndRemainder(dividingBy: second)
    return remainder < 0 ? quotient - 1 : quotient
  }

  private static func place(of number: Int64) -> Int {
    let count = Int64(length + 1)
    return Int((number % count + count) % count)
  }
}
