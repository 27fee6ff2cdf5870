import Testing

@testable import TopServer

@Suite struct RFC3339Tests {
  @Test func everyMillisecondRoundTrips() {
    for milliseconds: Int64 in 1_763_707_492_000..<1_763_707_493_000 {
      let text = RFC3339.text(millisecondsSinceEpoch: milliseconds)
      #expect(Moment.parse(text, now: 0) == milliseconds, "\(text)")
      #expect(RFC3339.text(secondsSinceEpoch: Double(milliseconds) / 1000) == text)
      #expect(RFC3339.text(nanosecondsSinceEpoch: milliseconds * 1_000_000) == text)
    }
  }

  @Test func timesAreTruncatedToMilliseconds() {
    #expect(RFC3339.text(nanosecondsSinceEpoch: 999_999) == "1970-01-01T00:00:00.000Z")
    #expect(
      RFC3339.text(nanosecondsSinceEpoch: 1_763_707_492_329_999_999) == "2025-11-21T06:44:52.329Z")
  }
}
