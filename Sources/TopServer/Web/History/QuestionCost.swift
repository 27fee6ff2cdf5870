/// The estimated cost of a query about the past, before anything is read: it separates cheap queries from others.
struct QuestionCost: Sendable, Equatable {
  /// Blocks to read.
  var blocks: Int
  /// Values in the answer.
  var values: Int

  /// The assumed number of columns that a star matches; a machine has about this many.
  private static let columnsOfStar = 200
  /// The limits of a cheap query, which takes some hundredths of a second: a week of a few series, or an hour of
  /// processes.
  private static let fewBlocks = 400
  private static let fewValues = 100_000

  var isCheap: Bool { blocks <= Self.fewBlocks && values <= Self.fewValues }

  /// A query that reads a few rows of the file.
  static let least = QuestionCost(blocks: 1, values: 1)

  init(blocks: Int, values: Int) { (self.blocks, self.values) = (blocks, values) }

  /// - Parameter now: Milliseconds since the epoch.
  init(_ query: HistoryQuery, now: Int64) {
    // Such a query is rejected before a block is read.
    guard query.mostPointCount <= HistoryQuery.mostPoints else {
      self = .least
      return
    }
    let columns = query.series.reduce(0) { $0 + ($1.prefix == nil ? 1 : Self.columnsOfStar) }
    self.init(
      blocks: Self.blocks(from: query.from, to: query.to, now: now),
      values: columns * query.pointCount)
  }

  /// A query about the processes of a time range, in milliseconds since the epoch.
  init(processesFrom from: Int64, to: Int64, now: Int64, values: Int = 0) {
    // Reading a block with processes takes about three times as long as one with series.
    self.init(blocks: 3 * Self.blocks(from: from, to: to, now: now), values: values)
  }

  /// The number of blocks in a time range: a minute each, then ten minutes, then an hour; see `HistoryStore`.
  private static func blocks(from: Int64, to: Int64, now: Int64) -> Int {
    let (minute, hour): (Int64, Int64) = (60_000, 3_600_000)
    // Blocks are merged by whole spans, so finer ones may be older than their age limit.
    let fine = now - HistoryStore.sampleAge - 10 * minute
    let coarse = now - HistoryStore.tenSecondsAge - hour
    func count(_ first: Int64, _ last: Int64, _ length: Int64) -> Int {
      let (first, last) = (max(from, first), min(to, last))
      return first < last ? Int((last - first) / length) + 1 : 0
    }
    return count(fine, .max, minute) + count(coarse, fine, 10 * minute) + count(.min, coarse, hour)
  }
}
