import Testing

@testable import TopServer

@Suite struct RFC3339ParsingTests {
  @Test(arguments: [
    ("1970-01-01T00:00:00Z", 0), ("2023-11-14T22:13:20.25Z", 1_700_000_000_250_000_000),
    ("2000-02-29T00:00:00z", 951_782_400_000_000_000),
    ("2023-11-15T00:13:20+02:00", 1_700_000_000_000_000_000),
    ("2023-11-14t21:43:20-00:30", 1_700_000_000_000_000_000),
    ("2261-12-31T23:59:59.123456789999Z", 9_214_646_399_123_456_789),
  ])
  func validTimesAreParsed(text: String, nanoseconds: Int64) {
    #expect(RFC3339.nanoseconds(parsing: text) == nanoseconds)
  }

  @Test(arguments: [
    "", "2023", "2023-11-14", "2023-11-14T22:13:20", "2023-11-14 22:13:20Z", "2023-02-29T00:00:00Z",
    "2023-13-01T00:00:00Z", "2023-00-01T00:00:00Z", "2023-11-31T00:00:00Z", "2023-11-14T24:00:00Z",
    "2023-11-14T22:60:00Z", "2023-11-14T22:13:61Z", "2023-11-14T22:13:20.Z",
    "2023-11-14T22:13:20ZZ", "2023-11-14T22:13:20+2:00", "1969-12-31T23:59:59Z",
    "2262-01-01T00:00:00Z", "+023-11-14T22:13:20Z", "2023-11-14T22:13:20+24:00",
  ])
  func invalidTimesAreRejected(text: String) {
    #expect(RFC3339.nanoseconds(parsing: text) == nil)
  }

  @Test func everyDayRoundTrips() {
    for day in stride(from: 0, to: 106_000, by: 1) {
      let nanoseconds = Int64(day) * 86_400_000_000_000 + 12_345_000_000
      let text = RFC3339.text(nanosecondsSinceEpoch: nanoseconds)
      #expect(RFC3339.nanoseconds(parsing: text) == nanoseconds)
    }
  }
}
