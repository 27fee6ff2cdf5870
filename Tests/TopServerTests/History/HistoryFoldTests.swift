import Testing

@testable import TopServer

/// Compares the fold with ``SimpleColumns``.
@Suite struct HistoryFoldTests {
  private static let known = [
    Series.decimal("a.percent"), .whole("b.count"), .bytes("b.bytes"), .time("c.seconds"),
  ]

  /// Runs of samples with gaps, missing values and a clock that is set back; the older ones are thinned.
  private func blocks(_ random: inout SplitMix) throws -> [HistoryBlock] {
    var blocks: [HistoryBlock] = []
    var time: Int64 = 1_700_000_000_000
    let pace = [100, 1000, 1000, 7000].randomElement(using: &random) ?? 1000
    for number in 1...Int64.random(in: 1...8, using: &random) {
      if random.next() % 4 == 0 { time += Int64.random(in: 1000...600_000, using: &random) }
      if random.next() % 6 == 0 { time -= Int64.random(in: 1000...90_000, using: &random) }
      var block = HistoryBlock(id: number, resolution: .sample)
      for index in 0..<Int.random(in: 1...60, using: &random) {
        let elapsed = index == 0 && random.next() % 3 == 0 ? 0 : Int64(pace)
        time += max(1, elapsed + Int64.random(in: -9...9, using: &random))
        block.points.append(HistoryPoint(time: time, elapsed: elapsed * 1000))
      }
      for series in Self.known where random.next() % 5 > 0 {
        block.columns[series] = SeriesColumn(
          average: block.points.map { _ in
            random.next() % 9 == 0 ? nil : Int64.random(in: -500...1_000_000, using: &random)
          })
      }
      blocks.append(block)
    }
    let coarse = HistoryBlock.Resolution.allCases.randomElement(using: &random) ?? .sample
    let old = blocks.count / 2
    guard coarse != .sample, old > 0 else { return blocks }
    let merged = try #require(Thinning.merge(Array(blocks[..<old]), to: coarse))
    return [merged] + blocks[old...]
  }

  private func query(_ blocks: [HistoryBlock], _ random: inout SplitMix) throws -> HistoryQuery {
    let selections = ["*", "a.percent", "b.*:min", "*:max", "c.seconds:avg", "b.*", "all:min"]
    let chosen = selections.shuffled(using: &random).prefix(Int.random(in: 1...7, using: &random))
    var query = try HistoryQuery([("series", chosen.joined(separator: ","))], now: 0)
    let first = blocks.map(\.first).min() ?? 0
    let last = blocks.map(\.last).max() ?? 0
    query.from = Int64.random(in: first - 60_000...last, using: &random)
    query.to = query.from + Int64.random(in: 1...last - first + 60_000, using: &random)
    query.step = [1000, 2000, 5000, 10_000, 60_000, 86_400_000].randomElement(using: &random)
    return query
  }

  /// Blocks in the form in which the file stores them.
  private struct StoredBlocks: BlockSource {
    let blocks: [HistoryBlock]

    func eachBlock(_ wanted: [Series], _ body: (BlockView) throws -> Void) throws {
      let number = { (series: Series) in Int64(known.firstIndex(of: series) ?? 0) + 1 }
      let places = Dictionary(
        uniqueKeysWithValues: wanted.enumerated().map { (number($1), $0) })
      for block in blocks {
        let encoded = block.encoded(seriesNumber: number)
        try body(
          BlockView(
            block.resolution, stored: encoded.points, series: wanted.isEmpty ? nil : encoded.series,
            places))
      }
    }
  }

  @Test(arguments: 1...40 as ClosedRange<UInt64>)
  func theFoldMatchesTheSimpleColumns(seed: UInt64) throws {
    var random = SplitMix(state: seed)
    let blocks = try blocks(&random)
    for _ in 0..<10 {
      let query = try query(blocks, &random)
      let asked = blocks.filter { $0.last >= query.from && $0.first <= query.to }
      let expected = try SimpleColumns(query, asked, known: Self.known)
      for answer in [
        try HistoryColumns(query, BlockList(blocks: asked), known: Self.known),
        try HistoryColumns(query, StoredBlocks(blocks: asked), known: Self.known),
      ] {
        try #require(answer.times == expected.times)
        try #require(answer.columns == expected.columns)
      }
    }
  }

  @Test func tooManyPointsForTheColumnsAreAddedUp() throws {
    var block = HistoryBlock(id: 1, resolution: .sample)
    block.points = (0..<6000).map { HistoryPoint(time: 100_000 + $0 * 1000, elapsed: 1_000_000) }
    let known = (0..<450).map { Series.whole("s\($0)") }
    for series in known {
      block.columns[series] = SeriesColumn(average: block.points.map { _ in 7 })
    }
    var query = try HistoryQuery([("series", "all")], now: 0)
    // Half as many points as samples, which are about as far apart as the step.
    (query.from, query.to, query.step) = (100_000, 100_000 + 3_500_000, 1400)
    let answer = try HistoryColumns(query, BlockList(blocks: [block]), known: known)
    #expect(answer.valueCount <= HistoryBudget.mostValues)
    #expect(answer.times.count == query.pointCount)
    #expect(answer.columns.allSatisfy { $0.values.dropLast().allSatisfy { $0 == 7 } })
  }
}
