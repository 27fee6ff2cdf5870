import Histogram

/// How long answers took, in nanoseconds: exact in sum, least and most, to three digits in between.
struct ResponseTimes: Sendable, Equatable {
  private var histogram = Histogram<UInt64>(numberOfSignificantValueDigits: .three)
  /// The sum of all.
  private(set) var total: UInt64 = 0

  var count: Int { Int(histogram.totalCount) }

  /// A clock that went backwards counts as 0; none of ours does.
  mutating func record(_ nanoseconds: Int64) {
    let value = UInt64(max(0, nanoseconds))
    histogram.record(value)
    total += value
  }

  mutating func add(_ other: ResponseTimes) {
    histogram.add(other.histogram)
    total += other.total
  }

  // MARK: - Seconds

  /// `nil` without an answer, like everything below.
  var mean: Double? { count > 0 ? Double(total) / Double(count) / 1e9 : nil }
  var fastest: Double? { count > 0 ? Double(histogram.min) / 1e9 : nil }
  var slowest: Double? { count > 0 ? Double(histogram.maxRecorded) / 1e9 : nil }

  /// The time that so many percent of the answers did not exceed.
  func percentile(_ percent: Double) -> Double? {
    count > 0 ? Double(histogram.valueAtPercentile(percent)) / 1e9 : nil
  }
}
