import Histogram

/// Response times in nanoseconds.
///
/// The sum, least and greatest are exact; percentiles have three significant digits.
struct ResponseTimes: Sendable, Equatable {
  private var histogram = Histogram<UInt64>(numberOfSignificantValueDigits: .three)
  /// The sum of all response times.
  private(set) var total: UInt64 = 0

  var count: Int { Int(histogram.totalCount) }

  /// Records a time.
  ///
  /// A negative one, from a clock that went backwards, counts as 0.
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

  /// The mean; `nil` if there is no answer, like the values below.
  var mean: Double? { count > 0 ? Double(total) / Double(count) / 1e9 : nil }
  var fastest: Double? { count > 0 ? Double(histogram.min) / 1e9 : nil }
  var slowest: Double? { count > 0 ? Double(histogram.maxRecorded) / 1e9 : nil }

  /// The time that this percentage of the answers did not exceed.
  func percentile(_ percent: Double) -> Double? {
    count > 0 ? Double(histogram.valueAtPercentile(percent)) / 1e9 : nil
  }
}
