import Testing

@testable import TopServer

@Suite struct HistorySelectionTests {
  private let known = ["cpu.busy", "cpu.user", "load.one"].map(Series.decimal)

  private func names(_ series: String) throws -> [String] {
    try HistorySelection(HistoryQuery([("series", series)], now: 0), known: known).columns
      .map(\.name)
  }

  @Test func aRepeatedSelectionIsOneColumn() throws {
    let everything = ["cpu.busy", "cpu.user", "load.one"]
    #expect(try names(Array(repeating: "*", count: 2000).joined(separator: ",")) == everything)
    #expect(
      try names("load.one,*,cpu.*,c*,all,load.one:avg") == ["load.one", "cpu.busy", "cpu.user"])
    #expect(
      try names("cpu.busy:max,cpu.busy,*:max") == [
        "cpu.busy:max", "cpu.busy", "cpu.user:max", "load.one:max",
      ])
  }

  @Test func aSeriesIsReadOnceForAllItsParts() throws {
    let query = try HistoryQuery([("series", "all:min,all,all:max")], now: 0)
    let selection = try HistorySelection(query, known: known)
    #expect(selection.series == known)
    #expect(selection.columns.count == 9)
  }

  @Test func anErrorNamesAFewOfManySeries() {
    let many = (100..<5000).map { Series.whole("disks.d\($0).reads") }
    let problem = #expect(throws: HistoryError.self) {
      try HistorySelection(HistoryQuery([("series", "laod*")], now: 0), known: many)
    }
    #expect(problem.map { Problem($0).status } == 400)
    let detail = problem?.description ?? ""
    #expect(
      detail.hasPrefix(
        "series=laod*: no series with this name was recorded; recorded series are disks.d100.reads, "
      ))
    #expect(detail.hasSuffix(" and 4890 more"))
    #expect(detail.utf8.count < 400)
  }

  @Test func aLongNameIsShortenedInTheError() {
    let name = String(repeating: "x", count: 4000)
    for series in [name, "\(name):most"] {
      let problem = #expect(throws: HistoryError.self) { try names(series) }
      #expect(problem?.description.utf8.count ?? 0 < 400)
    }
  }
}
