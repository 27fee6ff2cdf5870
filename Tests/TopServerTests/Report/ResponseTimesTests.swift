import Testing

@testable import TopServer

@Suite struct ResponseTimesTests {
  private func times(_ nanoseconds: some Sequence<Int64>) -> ResponseTimes {
    var times = ResponseTimes()
    for value in nanoseconds { times.record(value) }
    return times
  }

  @Test func hasNoTimesWithoutAnAnswer() {
    let times = ResponseTimes()
    #expect(times.count == 0)
    #expect(times.mean == nil)
    #expect(times.fastest == nil)
    #expect(times.slowest == nil)
    #expect(times.percentile(50) == nil)
  }

  @Test func oneAnswerIsEveryPercentile() {
    let times = times([1500])
    for percent in [0, 50, 99.9, 100] { #expect(times.percentile(percent) == 1500 / 1e9) }
    #expect(times.mean == 1500 / 1e9)
  }

  /// Values up to 2,047 have their own buckets, so these are exact.
  @Test func computesThePercentilesOfAThousandValues() {
    let times = times(1...1000)
    #expect(times.count == 1000)
    #expect(times.mean == 500.5 / 1e9)
    #expect(times.fastest == 1 / 1e9)
    #expect(times.percentile(50) == 500 / 1e9)
    #expect(times.percentile(90) == 900 / 1e9)
    #expect(times.percentile(99) == 990 / 1e9)
    #expect(times.percentile(99.9) == 999 / 1e9)
    #expect(times.slowest == 1000 / 1e9)
  }

  /// Ninety-nine fast answers and one of a second.
  ///
  /// The mean is exact, and percentiles are within a thousandth.
  @Test func aRareSlowAnswerAffectsTheMeanAndTheMaximum() throws {
    let times = times(Array(repeating: 1_000_000, count: 99) + [1_000_000_000])
    #expect(times.mean == 0.010_99)
    #expect(abs(try #require(times.percentile(99)) / 0.001 - 1) < 0.001)
    #expect(times.percentile(99.9) == 1)
    #expect(times.slowest == 1)
  }

  @Test func addedClientsEqualASingleClient() {
    var sum = times(1...500)
    sum.add(times(501...1000))
    #expect(sum == times(1...1000))
  }
}
