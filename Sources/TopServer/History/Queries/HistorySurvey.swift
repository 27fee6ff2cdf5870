/// Examines the points of all blocks before any value is read, and chooses the points of the answer.
///
/// If recorded points are about as far apart as the step, the answer has those points: no time is rounded and no values
/// are averaged.
struct HistorySurvey {
  private let query: HistoryQuery
  private let mostPoints: Int
  private let step: Int64
  /// For each time, the milliseconds that its first and last point cover; `nil` when there are too many points.
  private var found: [Int64: (first: Int64, last: Int64)]? = [:]
  /// The number of samples far enough apart to be shown as recorded, and of those that are not.
  private var farCount = 0
  private var nearCount = 0
  private var finest: HistoryBlock.Resolution?

  init(_ query: HistoryQuery, mostPoints: Int) {
    (self.query, self.mostPoints, step) = (query, mostPoints, query.chosenStep)
  }

  mutating func add(_ block: BlockView) {
    if block.resolution.rawValue < finest?.rawValue ?? .max { finest = block.resolution }
    for point in block.points {
      if block.resolution == .sample, point.elapsed > 0 {
        if isFar(point.elapsed / 1000) { farCount += 1 } else { nearCount += 1 }
      }
      guard query.lists(point, block.resolution) else { continue }
      let length = max(block.resolution.milliseconds, point.elapsed / 1000)
      found?[point.time, default: (length, length)].last = length
    }
    // The answer adds points for gaps, so this many are too many in any case.
    if found?.count ?? 0 > mostPoints { found = nil }
  }

  var grid: HistoryGrid {
    if givesPointsAsRecorded, let times = recorded() {
      return HistoryGrid(recorded: times, query)
    }
    return HistoryGrid(stepsOf: query)
  }

  private func isFar(_ milliseconds: Int64) -> Bool { step * 2 < milliseconds * 3 }

  /// Whether the median of the measured lengths is far: at most half of them are near.
  private var givesPointsAsRecorded: Bool {
    let count = farCount + nearCount
    return count > 0 ? nearCount <= count / 2 : isFar(finest?.milliseconds ?? 0)
  }

  /// Every recorded time, and an empty point in each gap; `nil` when there are none or too many.
  private func recorded() -> [Int64]? {
    guard let found, !found.isEmpty else { return nil }
    var times: [Int64] = []
    var before: (time: Int64, length: Int64)?
    for (time, length) in found.sorted(by: { $0.key < $1.key }) {
      if let before, time - before.time > 2 * max(length.first, before.length, 1000) {
        times.append(before.time + max(1000, before.length))
      }
      times.append(time)
      before = (time, length.last)
    }
    return times.count <= mostPoints ? times : nil
  }
}
