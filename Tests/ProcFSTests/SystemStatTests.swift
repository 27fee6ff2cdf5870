import ProcFS
import Testing

@Suite struct SystemStatTests {
  private func parse(_ text: String) throws -> SystemStat {
    try SystemStat(parsing: Array(text.utf8).span, file: "stat")
  }

  @Test func countsTheCPUsThatAreOnline() throws {
    let stat = try parse(
      "cpu  9 0 9 9\ncpu0 1 2 3 4\ncpu3 1 2 3 4\nintr 5 6\nctxt 7\nbtime 1700000000\n")
    #expect(stat.cpuCount == 2)
    #expect(stat.bootTime == 1_700_000_000)
  }

  @Test(arguments: [("", "cpu0"), ("cpu  1 2\nbtime 5\n", "cpu0"), ("cpu0 1 2\n", "btime")])
  func whatIsMissingIsNamed(_ text: String, _ field: String) {
    #expect(throws: ProcError.malformed(file: "stat", field: field)) { try parse(text) }
  }
}
