import Testing

@testable import TopServer

@Suite struct HistoryBudgetTests {
  private let now: Int64 = 1_700_000_000_000

  private func series(_ count: Int) -> [Series] { (0..<count).map { .whole("s\($0)") } }

  /// Fails on any access: a query that costs too much must be rejected before it reads.
  private struct Untouchable: BlockSource {
    struct Touched: Error {}

    func eachBlock(_ wanted: [Series], _ body: (BlockView) throws -> Void) throws {
      throw Touched()
    }
  }

  private func problem(_ items: [(name: String, value: String)], columns: Int) throws
    -> HistoryError?
  {
    let query = try HistoryQuery(items, now: now)
    return #expect(throws: HistoryError.self) {
      try HistoryColumns(query, Untouchable(), known: series(columns))
    }
  }

  @Test(arguments: [
    ("all", "-7d", "2m", 300), ("all:min,all:max,all", "-7d", "2m", 120),
    ("*:min,*:max", "-1d", "9s", 100), ("all", "-20m", "1s", 2000),
  ])
  func anAnswerThatWouldBeTooLargeIsRejectedBeforeAnythingIsRead(
    _ selection: String, _ from: String, _ step: String, _ columns: Int
  ) throws {
    let found = try problem(
      [("series", selection), ("from", from), ("step", step)], columns: columns)
    #expect(found.map { Problem($0).status } == 400)
    #expect(found?.description.contains("an answer has 1500000 at most") == true)
  }

  @Test func theStepThatTheErrorSuggestsIsAccepted() throws {
    let detail =
      try problem(
        [("series", "all"), ("from", "-7d"), ("step", "2m")], columns: 300)?.description ?? ""
    let step = try #require(detail.firstMatch(of: /make step at least (\d+)s/)?.1)
    let query = try HistoryQuery(
      [("series", "all"), ("from", "-7d"), ("step", String(step))], now: now)
    #expect(throws: Untouchable.Touched.self) {
      try HistoryColumns(query, Untouchable(), known: series(300))
    }
  }

  @Test func tooManySeriesForAnyStepAreRejectedWithoutASuggestion() throws {
    let found = try problem([("series", "all"), ("from", "-1h")], columns: 1_000_000)
    #expect(found?.description.hasSuffix("ask for fewer series") == true)
  }

  @Test func aYearOfAllSeriesByDayIsAccepted() throws {
    let query = try HistoryQuery(
      [("series", "all"), ("from", "-365d"), ("step", "1d")], now: now)
    try HistoryBudget.check(query, columns: 4000)
  }

  @Test func tooManySelectionsAreRejected() {
    let distinct = (0..<201).map { "s\($0)*" }.joined(separator: ",")
    let problem = #expect(throws: HistoryError.self) {
      try HistoryQuery([("series", distinct)], now: now)
    }
    #expect(problem.map { Problem($0).status } == 400)
    #expect(problem?.description.contains("201 different selections, and accepts 200") == true)
  }

  @Test func moreProcessesThanAnAnswerHoldsAreRejected() throws {
    try HistoryBudget.check(limit: .max, found: 300, values: 3600)
    try HistoryBudget.check(limit: 400, found: 30_000, values: 3600)
    let problem = #expect(throws: HistoryError.self) {
      try HistoryBudget.check(limit: .max, found: 30_000, values: 3600)
    }
    #expect(problem?.description.contains("limit must be at most 416") == true)
  }

  @Test func moreProcessesThanAQueryExaminesAreRejected() throws {
    var tally = ProcessTally(0)
    for process in 1...Int64(HistoryBudget.mostProcesses) { try tally.change(process) { $0 += 1 } }
    try tally.change(1) { $0 += 1 }
    let problem = #expect(throws: HistoryError.self) { try tally.change(0) { $0 += 1 } }
    #expect(problem.map { Problem($0).status } == 400)
    #expect(problem?.description.contains("ask for a shorter range") == true)
  }
}
