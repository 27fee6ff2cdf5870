import Testing

@testable import TopServer

@Suite struct ByteCountTests {
  @Test(
    arguments: [
      ("256MiB", 268_435_456), ("1GB", 1_000_000_000), ("4096", 4096), ("1.5 KiB", 1536),
      ("10kB", 10_000), ("7B", 7),
    ] as [(String, Int64)])
  func unitsAreUnderstood(_ text: String, _ expected: Int64) {
    #expect(ByteCount.parse(text) == expected)
  }

  @Test(arguments: ["", "MiB", "-1", "1e3", "12 parsecs", "99999999999GiB", "0x10"])
  func invalidTextIsRejected(_ text: String) {
    #expect(ByteCount.parse(text) == nil)
  }
}
