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
    #expect(found?.description.contains("the limit of an answer is 1500000") == true)
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

  @Test(arguments: 1...8 as ClosedRange<UInt64>)
  func everyStepThatAnErrorNamesIsAccepted(seed: UInt64) throws {
    var random = SplitMix(state: seed)
    var refused = 0
    for _ in 0..<2000 {
      let columns = [1, 2, 7, 150, 151, 400, 4000, 749_999].randomElement(using: &random) ?? 1
      let series = random.next() % 2 == 0 ? "all" : "s0,s1:max"
      let most = Int64(1) << Int64.random(in: 1...39, using: &random)
      let length = Int64.random(in: 1...most, using: &random)
      let from = Int64.random(in: -length...2_000_000_000, using: &random)
      var items = [
        ("from", "\(from)"), ("to", "\(max(1, from) + length)"), ("series", series),
      ]
      let step = Int64.random(in: 1...1 + length / 5000, using: &random)
      guard let query = try? HistoryQuery(items, now: 0), query.from < query.to else { continue }
      items.append(("step", "\(step)"))
      guard let named = try stepNamed(items, columns: columns) else { continue }
      refused += 1
      items[3].1 = "\(named)"
      #expect(try stepNamed(items, columns: columns) == nil, "\(items) with \(columns)")
      #expect(named > step, "\(items) with \(columns)")
    }
    #expect(refused > 200)
  }

  /// The step that an error names; `nil` when the query is accepted.
  private func stepNamed(_ items: [(name: String, value: String)], columns: Int) throws -> Int64? {
    do {
      let query = try HistoryQuery(items, now: 0)
      let known = query.series.first?.prefix == nil ? 2 : columns
      try HistoryBudget.check(query, columns: known)
      return nil
    } catch {
      let words = error.description
      // No step fits that many series.
      if columns == 749_999, words.hasSuffix("query fewer series") { return nil }
      let step = words.firstMatch(of: /step (?:must be )?at least (\d+)s/)?.1
      return Int64(try #require(step.map(String.init), "\(words)"))
    }
  }

  @Test func anErrorNamesOnlyAStepThatFits() throws {
    let query = try HistoryQuery(
      [("series", "all"), ("from", "0"), ("to", "999999999999"), ("step", "100000000")], now: now)
    let problem = #expect(throws: HistoryError.self) { try HistoryBudget.check(query, columns: 3) }
    #expect(problem?.description.contains("step must be at least 100010002s") == true)
  }

  @Test func tooManySeriesForAnyStepAreRejectedWithoutASuggestion() throws {
    let found = try problem([("series", "all"), ("from", "-1h")], columns: 1_000_000)
    #expect(found?.description.hasSuffix("query fewer series") == true)
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
    #expect(problem?.description.contains("series has 201 selections; the limit is 200.") == true)
  }

  @Test func moreProcessesThanAnAnswerHoldsAreRejected() throws {
    try HistoryBudget.check(limit: .max, found: 300, values: 3600)
    try HistoryBudget.check(limit: 400, found: 30_000, values: 3600)
    let problem = #expect(throws: HistoryError.self) {
      try HistoryBudget.check(limit: .max, found: 30_000, values: 3600)
    }
    #expect(problem?.description.contains("limit must be at most 416") == true)
  }

  @Test func aTableThatWouldBeTooLargeIsRejected() throws {
    try HistoryBudget.check(tableOf: 60_000, limit: .max, columns: 19)
    try HistoryBudget.check(tableOf: 90_000, limit: .max, columns: 5)
    try HistoryBudget.check(tableOf: 115_384, limit: 0, columns: 5)
    let problem = #expect(throws: HistoryError.self) {
      try HistoryBudget.check(tableOf: 100_000, limit: .max, columns: 19)
    }
    #expect(problem?.description.contains("limit must be at most 20000") == true)
    try HistoryBudget.check(tableOf: 100_000, limit: 20_000, columns: 19)
    let hopeless = #expect(throws: HistoryError.self) {
      try HistoryBudget.check(tableOf: 300_000, limit: 1, columns: 1)
    }
    #expect(hopeless?.description.contains("more than the 115384") == true)
  }

  @Test func moreProcessesThanAQueryExaminesAreRejected() throws {
    var tally = ProcessTally(0)
    for process in 1...Int64(HistoryBudget.mostProcesses) { try tally.change(process) { $0 += 1 } }
    try tally.change(1) { $0 += 1 }
    let problem = #expect(throws: HistoryError.self) { try tally.change(0) { $0 += 1 } }
    #expect(problem.map { Problem($0).status } == 400)
    #expect(problem?.description.contains("query a shorter range") == true)
  }
}
