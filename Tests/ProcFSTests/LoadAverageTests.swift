import ProcFS
import Testing

@Suite struct LoadAverageTests {
  private func parse(_ text: String) throws -> LoadAverage {
    try LoadAverage(parsing: Array(text.utf8).span, file: "loadavg")
  }

  @Test func readsTheThreeAverages() throws {
    #expect(
      try parse("0.45 1.11 3.11 1/207 8958\n") == LoadAverage(one: 0.45, five: 1.11, fifteen: 3.11))
    #expect(
      try parse("12345.67 0 7.") == LoadAverage(one: 12_345.67, five: 0, fifteen: 7))
  }

  @Test(arguments: [
    ("", "load 1"), ("x 1 2", "load 1"), ("-1 1 2", "load 1"), (". 1 2", "load 1"),
    ("1.2.3 1 2", "load 1"), ("nan 1 2", "load 1"), ("1e9 1 2", "load 1"), ("0.5", "load 5"),
    ("0.5 1,5 2", "load 5"), ("0.5 1 99999999999999999999.0", "load 15"), ("0.5 1\n", "load 15"),
  ])
  func errorNamesTheMissingField(_ text: String, _ field: String) {
    #expect(throws: ProcError.malformed(file: "loadavg", field: field)) { try parse(text) }
  }
}

@Suite struct UptimeTests {
  private func parse(_ text: String) throws -> Uptime {
    try Uptime(parsing: Array(text.utf8).span, file: "uptime")
  }

  @Test func readsTheFirstNumber() throws {
    #expect(try parse("11894.82 11786.31\n").seconds == 11_894.82)
    #expect(try parse("350735.47").seconds == 350_735.47)
  }

  @Test(arguments: ["", "\n", "soon 1", "99999999999999999999999.5"])
  func rejectsOtherText(_ text: String) {
    #expect(throws: ProcError.malformed(file: "uptime", field: "uptime")) { try parse(text) }
  }
}
