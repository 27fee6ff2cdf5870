import Testing

@testable import TopServer

@Suite struct HistoryColumnsTests {
  private let load = Series.decimal("load")

  private func samples(_ id: Int64, from time: Int64, every step: Int64 = 1000, _ values: [Double?])
    -> HistoryBlock
  {
    var block = HistoryBlock(id: id, resolution: .sample)
    block.points = values.indices.map {
      HistoryPoint(time: time + Int64($0) * step, elapsed: step * 1000)
    }
    block.columns[load] = SeriesColumn(average: values.map { $0.flatMap(load.quantized) })
    return block
  }

  private func columns(
    _ blocks: [HistoryBlock], from: Int64 = 0, to: Int64, step: Int64? = nil,
    series: String = "load"
  ) throws -> HistoryColumns {
    var query = try HistoryQuery([("series", series)], now: 10_000_000)
    (query.from, query.to, query.step) = (from, to, step)
    return try HistoryColumns(query, BlockList(blocks: blocks), known: [load])
  }

  @Test func fineSamplesAreReturnedAsRecorded() throws {
    let answer = try columns(
      [samples(1, from: 100_250, [1, 2, nil, 4])], from: 90_000, to: 110_000)
    #expect(answer.times == [100_250, 101_250, 102_250, 103_250])
    #expect(answer.columns == [.init(name: "load", values: [1, 2, nil, 4])])
  }

  @Test func aGapHasAnEmptyPoint() throws {
    let blocks = [samples(1, from: 100_000, [1, 2]), samples(2, from: 150_000, [3])]
    let answer = try columns(blocks, to: 200_000)
    #expect(answer.times == [100_000, 101_000, 102_000, 150_000])
    #expect(answer.columns[0].values == [1, 2, nil, 3])
  }

  @Test func aStepHasTheMeanAndTheExtremes() throws {
    let block = samples(1, from: 100_000, (0..<20).map { $0 == 7 ? 99 : 1 })
    let answer = try columns(
      [block], from: 100_000, to: 129_999, step: 10_000, series: "load,load:max,load:min")
    #expect(answer.times == [100_000, 110_000, 120_000])
    #expect(answer.columns.map(\.name) == ["load", "load:max", "load:min"])
    #expect(answer.columns[0].values == [10.8, 1, nil])
    #expect(answer.columns[1].values == [99, 1, nil])
    #expect(answer.columns[2].values == [1, 1, nil])
  }

  @Test func pointsFartherApartThanTheStepAreReturnedAsRecorded() throws {
    let answer = try columns(
      [samples(1, from: 110_000, every: 10_000, [1, 2])], from: 100_000, to: 124_999, step: 5000)
    #expect(answer.times == [110_000, 120_000])
    #expect(answer.columns[0].values == [1, 2])
  }

  @Test func coarsePointsFillAFinerStep() throws {
    let old = try #require(
      Thinning.merge([samples(1, from: 60_000, Array(repeating: 5, count: 120))], to: .minute))
    let new = samples(2, from: 181_000, Array(repeating: 7, count: 29))
    let answer = try columns([old, new], from: 60_000, to: 239_999, step: 30_000)
    #expect(answer.times == stride(from: 60_000, to: 240_000, by: 30_000).map { $0 })
    #expect(answer.columns[0].values == [5, 5, 5, 5, 7, nil])
  }

  @Test func aLongSampleFillsTheStepsThatItCovers() throws {
    var block = samples(1, from: 100_000, Array(repeating: 1, count: 10))
    block.points.append(HistoryPoint(time: 119_000, elapsed: 10_000_000))
    block.columns[load]?.average.append(400)
    let answer = try columns([block], from: 100_000, to: 119_999, step: 2000)
    // The long sample began in the middle of the fifth step.
    #expect(answer.columns[0].values == [1, 1, 1, 1, 2.5, 4, 4, 4, 4, 4])
  }

  /// Half a minute of rest, then half a minute of work: as samples, points of ten seconds, and a point of a minute.
  private func restAndWork() throws -> [HistoryBlock] {
    let samples = samples(1, from: 120_000, (0..<60).map { $0 <= 30 ? 0 : 100 })
    return try [
      samples, #require(Thinning.merge([samples], to: .tenSeconds)),
      #require(Thinning.merge([samples], to: .minute)),
    ]
  }

  @Test(arguments: [1000, 10_000, 60_000, 3_600_000, 100_000_000])
  func whatLiesBeforeTheRangeDoesNotCount(step: Int64) throws {
    let blocks = try restAndWork()
    for (from, to, expected) in [
      (151_000, 179_000, 100.0), (158_500, 178_700, 100), (121_000, 149_500, 0),
    ] as [(Int64, Int64, Double)] {
      for block in blocks.prefix(2) {
        // The point of ten seconds from 150 s has rest and work.
        let from = block.resolution == .tenSeconds ? from + 9000 : from
        let answer = try columns([block], from: from, to: to, step: step, series: "load,load:min")
        for column in answer.columns {
          let values = column.values.compactMap { $0 }
          #expect(values.allSatisfy { $0 == expected }, "\(column.name) from \(from) by \(step)")
          #expect(!values.isEmpty)
        }
      }
    }
  }

  @Test func whatLiesAfterTheRangeDoesNotCount() throws {
    let block = try restAndWork()[0]
    for step in [10_000, 100_000] as [Int64] {
      let answer = try columns(
        [block], from: 120_000, to: 150_000, step: step, series: "load,load:max")
      #expect(answer.columns.allSatisfy { $0.values.compactMap { $0 }.allSatisfy { $0 == 0 } })
    }
  }

  @Test func aPointThatAnEndCutsCountsByThePartInside() throws {
    let (samples, tens, minute) = try { ($0[0], $0[1], $0[2]) }(restAndWork())
    // A quarter of the last second of rest, and half of a second of work.
    let cut = try columns([samples], from: 149_750, to: 150_500, step: 100_000)
    #expect(cut.columns[0].values == [66.67])
    // 4 s of a point with 90 % work, and 5 s of a point with nothing else.
    let coarse = try columns([tens], from: 156_000, to: 165_000, step: 100_000)
    #expect(coarse.columns[0].values == [95.56])
    // Each part of a minute has the mean of the minute.
    let whole = try columns([minute], from: 130_000, to: 140_000, step: 100_000)
    #expect(whole.columns[0].values == [48.33])
    // Points as recorded are not divided; a merged point that is cut is included.
    let listed = try columns([tens], from: 156_000, to: 165_000, step: 10_000)
    #expect(listed.times == [150_000, 160_000])
    #expect(listed.columns[0].values == [90, 100])
  }

  @Test func stepsBeginBeforeTheRangeAlsoBeforeTheEpoch() throws {
    let block = samples(1, from: -95_000, (0..<30).map { Double($0) })
    let answer = try columns([block], from: -91_000, to: -70_000, step: 10_000)
    #expect(answer.times == [-100_000, -90_000, -80_000, -70_000])
    #expect(answer.columns[0].values == [5, 10.5, 20.5, nil])
  }

  @Test func overlappingBlocksAreMergedInOrderOfTime() throws {
    // The clock was set back by 5 seconds after the first block.
    let blocks = [samples(1, from: 100_000, [1, 1, 1]), samples(2, from: 101_000, [3, 3, 3])]
    let answer = try columns(blocks, to: 200_000)
    #expect(answer.times == [100_000, 101_000, 102_000, 103_000])
    #expect(answer.columns[0].values == [1, 2, 2, 3])
  }

  @Test func anUnknownSeriesIsAnError() {
    let problem = #expect(throws: HistoryError.self) {
      try columns([samples(1, from: 0, [1])], to: 10_000, series: "load,laod")
    }
    #expect(
      problem?.description
        == "series=laod: no series with this name was recorded; recorded series are load")
  }
}
