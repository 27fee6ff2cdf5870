/// What a question about the past costs, as far as that is known before anything is read: it keeps cheap ones apart.
struct QuestionCost: Sendable, Equatable {
  /// Blocks that have to be read.
  var blocks: Int
  /// Values that the answer has.
  var values: Int

  /// Columns that a star is taken for; a host has about so many.
  private static let columnsOfStar = 200
  /// What is answered in some hundredths of a second: a week of a few series, or an hour of processes.
  private static let fewBlocks = 400
  private static let fewValues = 100_000

  var isCheap: Bool { blocks <= Self.fewBlocks && values <= Self.fewValues }

  /// A question that takes a few rows of the file.
  static let least = QuestionCost(blocks: 1, values: 1)

  init(blocks: Int, values: Int) { (self.blocks, self.values) = (blocks, values) }

  /// - Parameter now: Milliseconds since the epoch.
  init(_ query: HistoryQuery, now: Int64) {
    let columns = query.series.reduce(0) { $0 + ($1.prefix == nil ? 1 : Self.columnsOfStar) }
    self.init(
      blocks: Self.blocks(from: query.from, to: query.to, now: now),
      values: columns * query.pointCount)
  }

  /// A question about the processes of a stretch of time, in milliseconds since the epoch.
  init(processesFrom from: Int64, to: Int64, now: Int64, values: Int = 0) {
    // A block of processes takes about three times as long as one of series.
    self.init(blocks: 3 * Self.blocks(from: from, to: to, now: now), values: values)
  }

  /// Blocks that tell of a stretch of time: a minute each, then ten, then an hour; see `HistoryStore`.
  private static func blocks(from: Int64, to: Int64, now: Int64) -> Int {
    let (minute, hour): (Int64, Int64) = (60_000, 3_600_000)
    // What is thinned is so by its span, so the finer blocks reach further than their age says.
    let fine = now - HistoryStore.sampleAge - 10 * minute
    let coarse = now - HistoryStore.tenSecondsAge - hour
    func count(_ first: Int64, _ last: Int64, _ length: Int64) -> Int {
      let (first, last) = (max(from, first), min(to, last))
      return first < last ? Int((last - first) / length) + 1 : 0
    }
    return count(fine, .max, minute) + count(coarse, fine, 10 * minute) + count(.min, coarse, hour)
  }
}
