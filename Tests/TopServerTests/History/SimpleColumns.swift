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

  /// A recorded point, the part of it in a point of the answer, and whether its extremes count there.
  private struct Member {
    var block: Int
    var point: Int
    var share = 1.0
    var hasExtremes = true
  }

  /// A point of the answer: the recorded points that belong to it.
  private struct Bucket {
    var time: Int64
    var members: [Member] = []

    /// - Parameters:
    ///   - columns: The columns of one series, block by block.
    ///   - weights: The weights of each block's points.
    func value(_ part: HistoryQuery.Part, _ columns: [SeriesColumn?], _ weights: [[Double]])
      -> Double?
    {
      var weight = 0.0
      var total = 0.0
      var extreme: Double?
      for member in members {
        let (block, point) = (member.block, member.point)
        guard let column = columns[block], let average = column.average[point] else { continue }
        guard part == .average || member.hasExtremes else { continue }
        switch part {
        case .average:
          weight += weights[block][point] * member.share
          total += weights[block][point] * member.share * Double(average)
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
      where query.lists(point, one.resolution) {
        let length = max(one.resolution.milliseconds, point.elapsed / 1000)
        found.append(
          (Bucket(time: point.time, members: [Member(block: block, point: index)]), length))
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

  /// Evenly spaced points, each with the parts of the recorded points that lie in it.
  private static func buckets(_ query: HistoryQuery, _ blocks: [HistoryBlock], _ step: Int64)
    -> [Bucket]
  {
    let start = query.firstStep
    var buckets = (0...((query.to - start) / step)).map { Bucket(time: start + $0 * step) }
    for (block, one) in blocks.enumerated() {
      for (index, span) in PointSpan.spans(of: one).enumerated() {
        guard span.begin < span.end else {
          guard span.end >= query.from, span.end <= query.to else { continue }
          buckets[Int((span.end - start) / step)].members.append(.init(block: block, point: index))
          continue
        }
        let near = [span.begin, span.end].map { Int((max(start, $0) - start) / step) }
        for place in near[0]...near[1] where place < buckets.count {
          let begin = max(span.begin, buckets[place].time, query.from)
          let end = min(span.end, buckets[place].time + step, query.to)
          guard begin < end else { continue }
          // A part below two milliseconds may come from rounding.
          buckets[place].members.append(
            Member(
              block: block, point: index,
              share: Double(end - begin) / Double(span.end - span.begin),
              hasExtremes: end - begin >= min(2, span.end - span.begin)))
        }
      }
    }
    return buckets
  }
}
