import Testing

@testable import TopServer

@Suite struct HistoryQueryTests {
  private let now: Int64 = 1_700_000_000_000

  @Test func theDefaultIsTheLastTwentyMinutes() throws {
    let query = try HistoryQuery([], now: now)
    #expect(query.to == now)
    #expect(query.from == now - 1_200_000)
    #expect(query.chosenStep == 1000)
    #expect(query.series == HistoryQuery.usual)
  }

  @Test(
    arguments: [
      ("-20m", 1), ("-1h", 10), ("-4h", 10), ("-1d", 60), ("-7d", 600), ("-365d", 21600),
    ] as [(String, Int64)])
  func theStepIsChosenToFitAChart(_ from: String, _ seconds: Int64) throws {
    #expect(try HistoryQuery([("from", from)], now: now).chosenStep == seconds * 1000)
  }

  @Test func seriesMayHavePartsAndStars() throws {
    let query = try HistoryQuery(
      [("series", "load.load_1:max,cpu.*,disks.vda.reads:avg")], now: now)
    #expect(
      query.series == [
        .init(pattern: "load.load_1", part: .maximum), .init(pattern: "cpu.*"),
        .init(pattern: "disks.vda.reads"),
      ])
    #expect(query.series[1].prefix == "cpu.")
    #expect(query.series[0].prefix == nil)
    #expect(
      try HistoryQuery([("series", "all,all:min")], now: now).series == [
        .init(pattern: "*"), .init(pattern: "*", part: .minimum),
      ])
  }

  @Test(
    arguments: [
      ([("from", "x")], "from=x: from accepts"), ([("to", "")], "to=: to accepts"),
      ([("from", "now"), ("to", "-5m")], "from must lie before to"),
      ([("step", "0")], "step=0: step accepts"), ([("step", "soon")], "step=soon: step accepts"),
      ([("from", "-1d"), ("step", "1")], "step must be at least 9s"),
      ([("series", "a,,b")], "series=a,,b: series accepts"),
      ([("series", "a:most")], "series=a:most: series accepts"),
      ([("form", "-5m")], "unknown parameter \"form\""),
      ([("from", "-5m"), ("from", "-6m")], "from is given more than once"),
    ] as [([(name: String, value: String)], String)])
  func invalidInputGetsAClearMessage(_ items: [(name: String, value: String)], _ expected: String) {
    let problem = #expect(throws: HistoryError.self) { try HistoryQuery(items, now: now) }
    #expect(problem.map { Problem($0).status } == 400)
    #expect(problem?.description.contains(expected) == true, "\(problem?.description ?? "")")
  }
}
