@testable import TopServer

/// The answer of `/history`, computed in the simplest way: with all blocks and points at once, so without limits.
///
/// The fold must give the same values.
struct SimpleColumns {
  var times: [Int64] = []
  var columns: [HistoryColumns.Column] = []

  init(_ query: HistoryQuery, _ blocks: [HistoryBlock], known: [Series]) throws {
    let step = query.chosenStep
    var sums = step * 2 < Self.spacing(blocks) * 3 ? Self.single(query, blocks) : []
    if sums.isEmpty || sums.count > HistoryQuery.mostPoints {
      sums = Self.buckets(query, blocks, step)
    }
    times = sums.map(\.time)
    let selection = try HistorySelection(query, known: known)
    columns = selection.columns.map { column in
      let series = selection.series[column.series]
      let found = blocks.map { $0.columns[series] }
      let weights = blocks.map { PointWeights($0)[.init(series)] }
      return HistoryColumns.Column(
        name: column.name,
        values: sums.map { $0.value(column.part, found, weights).map(series.shown) })
    }
  }

  /// The milliseconds between the finest points: the median of the measured lengths.
  private static func spacing(_ blocks: [HistoryBlock]) -> Int64 {
    let lengths = blocks.filter { $0.resolution == .sample }.flatMap { block in
      block.points.map(\.elapsed).filter { $0 > 0 }
    }.sorted()
    if !lengths.isEmpty { return lengths[lengths.count / 2] / 1000 }
    return blocks.map(\.resolution.milliseconds).min() ?? 0
  }

  // MARK: - Points of the answer

  /// A point of the answer: the blocks and points that belong to it.
  private struct Bucket {
    var time: Int64
    var members: [(block: Int, point: Int)] = []

    /// - Parameters:
    ///   - columns: The columns of one series, block by block.
    ///   - weights: The weights of each block's points.
    func value(_ part: HistoryQuery.Part, _ columns: [SeriesColumn?], _ weights: [[Double]])
      -> Double?
    {
      var weight = 0.0
      var total = 0.0
      var extreme: Double?
      for (block, point) in members {
        guard let column = columns[block], let average = column.average[point] else { continue }
        switch part {
        case .average:
          weight += weights[block][point]
          total += weights[block][point] * Double(average)
        case .minimum:
          let value = Double((column.minimum.isEmpty ? average : column.minimum[point]) ?? average)
          extreme = min(extreme ?? value, value)
        case .maximum:
          let value = Double((column.maximum.isEmpty ? average : column.maximum[point]) ?? average)
          extreme = max(extreme ?? value, value)
        }
      }
      return extreme ?? (weight > 0 ? total / weight : nil)
    }
  }

  /// Every recorded point, and an empty one in each gap.
  private static func single(_ query: HistoryQuery, _ blocks: [HistoryBlock]) -> [Bucket] {
    var found: [(bucket: Bucket, length: Int64)] = []
    for (block, one) in blocks.enumerated() {
      for (index, point) in one.points.enumerated()
      where point.time >= query.from && point.time <= query.to {
        let length = max(one.resolution.milliseconds, point.elapsed / 1000)
        found.append((Bucket(time: point.time, members: [(block, index)]), length))
      }
    }
    // After the clock was set back, two blocks may overlap.
    found.sort { $0.bucket.time < $1.bucket.time }
    var result: [Bucket] = []
    var before: (time: Int64, length: Int64)?
    for (bucket, length) in found {
      if let before, bucket.time - before.time > 2 * max(length, before.length, 1000) {
        result.append(Bucket(time: before.time + max(1000, before.length)))
      }
      if result.last?.time == bucket.time {
        result[result.count - 1].members += bucket.members
      } else {
        result.append(bucket)
      }
      before = (bucket.time, length)
    }
    return result
  }

  /// Evenly spaced points; a recorded point that is longer than the step belongs to every one that it covers.
  private static func buckets(_ query: HistoryQuery, _ blocks: [HistoryBlock], _ step: Int64)
    -> [Bucket]
  {
    let start = query.from / step * step
    var buckets = (0...((query.to - start) / step)).map { Bucket(time: start + $0 * step) }
    for (block, one) in blocks.enumerated() {
      for (index, point) in one.points.enumerated() {
        var (first, last) = (point.time, point.time)
        if one.resolution == .sample {
          // A sample covers the time before it.
          let length = point.elapsed / 1000
          if length * 2 > step * 3 { first = point.time - length + step }
        } else if one.resolution.milliseconds > step {
          last = point.time + one.resolution.milliseconds - 1
        }
        guard last >= start, first <= query.to else { continue }
        let places =
          max(0, (first - start) / step)...min((last - start) / step, Int64(buckets.count - 1))
        for place in places { buckets[Int(place)].members.append((block, index)) }
      }
    }
    return buckets
  }
}
