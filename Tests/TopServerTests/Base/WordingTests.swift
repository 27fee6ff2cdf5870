import Testing

@testable import TopServer

@Suite struct WordingTests {
  @Test(arguments: [
    (0, "0"), (7, "7"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567"), (-1234, "-1,234"),
  ])
  func counts(_ value: Int, _ text: String) { #expect(Wording.count(value) == text) }

  @Test(arguments: [
    (0, "0.00"), (1.234, "1.23"), (9.994, "9.99"), (9.996, "10.0"), (12.34, "12.3"), (99.96, "100"),
    (123.4, "123"), (45_678.9, "45,679"), (0.004, "0.00"), (-0.001, "0.00"),
  ])
  func figuresHaveThreeDigits(_ value: Double, _ text: String) {
    #expect(Wording.figure(value) == text)
  }

  @Test(arguments: [
    (0.000_000_9, "0.90 µs"), (0.000_248, "248 µs"), (0.000_999_7, "1.00 ms"),
    (0.001_21, "1.21 ms"),
    (0.9996, "1.00 s"), (2.1, "2.10 s"), (61, "61.0 s"),
  ])
  func timesUseTheFittingUnit(_ seconds: Double, _ text: String) {
    #expect(Wording.time(seconds).text == text)
  }

  @Test func sizesUseTheFittingUnit() {
    #expect(Wording.bytes(999) == "999 B")
    #expect(Wording.bytes(12_345_678) == "12.3 MB")
    #expect(Wording.memory(25_296_699_392) == "23.6 GiB")
    #expect(Wording.memory(1023.9 * 1024) == "1.00 MiB")
  }

  @Test(arguments: [
    (0.5, "0.5 s"), (1, "1 s"), (10, "10 s"), (59.4, "59.4 s"), (59.6, "1 min"), (60, "1 min"),
    (151, "2 min 31 s"), (300, "5 min"), (5400, "1 h 30 min"), (86_400, "24 h"),
  ])
  func spans(_ seconds: Double, _ text: String) {
    #expect(Wording.span(.seconds(seconds)) == text)
  }

  @Test(arguments: [
    (1, "1 second"), (10, "10 seconds"), (60, "1 minute"), (300, "5 minutes"), (3600, "1 hour"),
    (5400, "90 minutes"), (61, "1 min 1 s"), (1.5, "1.5 s"),
  ])
  func roundLengthsInWords(_ seconds: Double, _ text: String) {
    #expect(Wording.spelled(.seconds(seconds)) == text)
  }
}

@Suite struct ScaleTests {
  @Test(arguments: [
    (0.0, 1), (4100, 5000), (5000, 5000), (99, 100), (100, 100), (0.3, 0.3), (1.0001, 1.25),
  ])
  func aLinearScaleEndsAtARoundNumberAboveAllValues(_ highest: Double, _ atMost: Double) {
    let scale = Scale.linear(upTo: highest)
    #expect(scale.ticks.first == 0)
    #expect(scale.range.upperBound >= highest * (1 - 1e-9))
    #expect(scale.range.upperBound <= atMost * (1 + 1e-9))
    #expect((4...6).contains(scale.ticks.count))
    #expect(scale.position(0) == 0)
    #expect(scale.position(scale.range.upperBound) == 1)
  }

  @Test func aLogarithmicScaleHasRoundEndsAndEqualSteps() {
    let scale = Scale.logarithmic(from: 0.000_03, to: 0.0011)
    #expect(abs(scale.range.lowerBound / 0.000_02 - 1) < 1e-9)
    #expect(abs(scale.range.upperBound / 0.002 - 1) < 1e-9)
    #expect(scale.ticks.count == 7)
    let wide = Scale.logarithmic(from: 0.000_1, to: 10)
    #expect(wide.ticks.count == 6)
    #expect(abs(wide.position(0.1) - 0.6) < 1e-9)
    #expect(wide.position(1000) == 1)
  }

  @Test func oneValueHasRoomAroundIt() {
    let scale = Scale.logarithmic(from: 0.001, to: 0.001)
    #expect(scale.range.lowerBound < scale.range.upperBound)
    #expect((0...1).contains(scale.position(0.001)))
  }

  @Test func onThePercentileAxisEachNineTakesTheSameRoom() {
    let axis = PercentileAxis(count: 10_000)
    #expect(abs(axis.position(of: 90) - 0.25) < 1e-9)
    #expect(abs(axis.position(of: 99.9) - 0.75) < 1e-9)
    #expect(abs(axis.percent(at: 0.5) - 99) < 1e-9)
    #expect(axis.position(ofRarest: 10_000) == 1)
    #expect(axis.marks.map(\.label) == ["50 %", "90 %", "99 %", "99.9 %", "slowest"])
  }
}
