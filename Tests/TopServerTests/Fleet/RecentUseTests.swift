import Testing

@testable import TopServer

@Suite struct RecentUseTests {
  private static let second: Int64 = 1_000_000_000

  private func at(_ seconds: Double) -> Int64 { Int64(seconds * 1e9) }

  @Test func anEmptyMinuteHasNoValues() {
    let use = RecentUse()
    #expect(use.series(at: at(100)) == Array(repeating: nil, count: 60))
    #expect(use.average(at: at(100)) == nil)
    #expect(use.isOver(at: at(100)))
  }

  @Test func irregularSamplesLeaveNoGap() {
    var use = RecentUse()
    for second in 1...100 {
      let end = Double(second) + (second % 2 == 0 ? 0.02 : 0.99)
      let start = Double(second - 1) + (second % 2 == 0 ? 0.99 : 0.02)
      use.add(0.5, until: at(end), length: at(end) - at(start))
    }
    #expect(use.series(at: at(100)) == Array(repeating: 0.5, count: 60))
  }

  @Test func theAverageIsWeightedByTime() {
    var use = RecentUse()
    use.add(1, until: at(1010), length: at(10))
    use.add(0, until: at(1011), length: at(1))
    use.add(0.5, until: at(1040), length: at(29))
    let average = use.average(at: at(1040))
    #expect(average.map { abs($0 - (10 + 14.5) / 40) < 1e-6 } == true)
  }

  @Test func theOrderDoesNotMatter() {
    var (forward, backward) = (RecentUse(), RecentUse())
    for second in 1...60 {
      forward.add(Double(second) / 64, until: at(Double(second)), length: at(1))
    }
    for second in (1...60).reversed() {
      backward.add(Double(second) / 64, until: at(Double(second)), length: at(1))
    }
    #expect(forward.series(at: at(61)) == backward.series(at: at(61)))
    #expect(forward.average(at: at(61)) == backward.average(at: at(61)))
  }

  @Test func aGapHasNoValues() {
    var use = RecentUse()
    use.add(0.5, until: at(10), length: at(1))
    use.add(0.5, until: at(15), length: at(1))
    #expect(
      Array(use.series(at: at(15)).suffix(6)) == [0.5, nil, nil, nil, nil, 0.5])
    #expect(use.average(at: at(15)) == 0.5)
  }

  @Test func valuesExpireAfterAMinute() {
    var use = RecentUse()
    use.add(1, until: at(10), length: at(1))
    #expect(use.average(at: at(60)) == 1)
    #expect(!use.isOver(at: at(60)))
    #expect(use.average(at: at(72)) == nil)
    #expect(use.series(at: at(72)) == Array(repeating: nil, count: 60))
    #expect(use.isOver(at: at(72)))
    // Samples older than a minute are dropped.
    use.add(0.5, until: at(200), length: at(1))
    use.add(0.5, until: at(100), length: at(1))
    #expect(use.series(at: at(200)).compactMap { $0 } == [0.5])
  }

  @Test func aLongSampleFillsTheMinute() {
    var use = RecentUse()
    use.add(0.25, until: at(5000), length: at(3600))
    #expect(use.series(at: at(5000)) == Array(repeating: 0.25, count: 60))
  }
}
