import Testing

@testable import TopServer

@Suite struct MomentTests {
  private let now: Int64 = 1_700_000_000_000

  @Test(
    arguments: [
      ("now", 1_700_000_000_000), ("-30s", 1_699_999_970_000), ("-15m", 1_699_999_100_000),
      ("-2h", 1_699_992_800_000), ("-1d", 1_699_913_600_000), ("-90", 1_699_999_910_000),
      ("-1.5m", 1_699_999_910_000), ("1600000000", 1_600_000_000_000),
      ("1600000000.25", 1_600_000_000_250), ("0", 0),
      ("2020-09-13T12:26:40Z", 1_600_000_000_000), ("2020-09-13T12:26:40.250Z", 1_600_000_000_250),
      ("2020-09-13T14:26:40+02:00", 1_600_000_000_000),
      ("2020-09-13T14:26:40 02:00", 1_600_000_000_000),
    ] as [(String, Int64)])
  func everyFormIsUnderstood(_ text: String, _ expected: Int64) {
    #expect(Moment.parse(text, now: now) == expected)
  }

  @Test(arguments: [
    "", "-", "-m", "--5m", "5m ago", "yesterday", "1e9", "inf", "nan", "-1e3s", "0x10", "-5y",
    "2020-13-45T99:99:99Z", "99999999999999999999", "１２",
  ])
  func invalidMomentsAreRejected(_ text: String) {
    #expect(Moment.parse(text, now: now) == nil)
  }
}
