import Testing

@testable import TopServer

@Suite struct QuestionCostTests {
  private let now: Int64 = 1_700_000_000_000

  private func cost(_ items: [(name: String, value: String)]) throws -> QuestionCost {
    QuestionCost(try HistoryQuery(items, now: now), now: now)
  }

  @Test(
    arguments: [
      [], [("series", "load.load_1")], [("from", "-1d")], [("from", "-7d")],
      [("series", "cpu_count,cpu.*,ledger.*,self.*"), ("from", "-60s")],
      [("from", "2000-01-01T00:00:00Z"), ("to", "2000-01-02T00:00:00Z")],
    ] as [[(name: String, value: String)]])
  func theQueriesOfThePageAreCheap(_ items: [(name: String, value: String)]) throws {
    #expect(try cost(items).isCheap)
  }

  @Test(
    arguments: [
      [("from", "-365d"), ("series", "load.load_1")], [("from", "-2h"), ("series", "all")],
      [("from", "-365d"), ("step", "1d"), ("series", "all")],
      [("from", "-2h"), ("step", "1"), ("series", "a*,b*,c*")],
    ] as [[(name: String, value: String)]])
  func largeQueriesAreNotCheap(_ items: [(name: String, value: String)]) throws {
    #expect(try !cost(items).isCheap)
  }

  @Test func olderBlocksAreLonger() throws {
    #expect(try cost([("from", "-10m")]).blocks == 11)
    let hour = QuestionCost(processesFrom: now - 3_600_000, to: now, now: now)
    #expect(hour.blocks == 3 * 61)
    let year = try cost([("from", "-365d")])
    #expect((8700...9100).contains(year.blocks))
  }
}
