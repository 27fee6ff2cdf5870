import Testing

@testable import TopServer

@Suite struct TimeSpanTests {
  @Test(arguments: [
    ("90", 90), ("90s", 90), ("0.5", 0.5), ("500ms", 0.5), ("5m", 300), ("5min", 300), ("1h", 3600),
    ("1h30m", 5400), ("1m1.5s", 61.5), ("7d", 604_800),
  ])
  func validDurationsAreParsed(_ text: String, _ seconds: Double) {
    #expect(TimeSpan.parse(text) == .seconds(seconds))
  }

  @Test(arguments: [
    "", "s", "m5", "5x", "5m30", "5 m", "-5", "1e3", "nan", "inf", "five", "5.5.5s", "9999999999h",
    "-1", "+1",
    "٥m",
  ])
  func invalidDurationsAreRejected(_ text: String) { #expect(TimeSpan.parse(text) == nil) }
}
