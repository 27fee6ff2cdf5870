/// Looks at the points of all blocks before any value is read, and decides where the points of the answer lie.
///
/// Points that are about as far apart as the step are given as they are: no time is rounded, no value is mixed.
struct HistorySurvey {
  private let query: HistoryQuery
  private let mostPoints: Int
  private let step: Int64
  /// Milliseconds that the first and the last point of each moment stand for; `nil` when there are too many.
  private var found: [Int64: (first: Int64, last: Int64)]? = [:]
  /// Samples that are so far apart that they are given as they are, and those that are not.
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
      guard point.time >= query.from, point.time <= query.to else { continue }
      let length = max(block.resolution.milliseconds, point.elapsed / 1000)
      found?[point.time, default: (length, length)].last = length
    }
    // Gaps come on top, so more than this are too many in any case.
    if found?.count ?? 0 > mostPoints { found = nil }
  }

  var grid: HistoryGrid {
    if givesPointsAsRecorded, let times = recorded() {
      return HistoryGrid(recorded: times, query)
    }
    return HistoryGrid(stepsOf: query)
  }

  private func isFar(_ milliseconds: Int64) -> Bool { step * 2 < milliseconds * 3 }

  /// What lies in the middle of the measured lengths decides: it is far exactly when so few are near.
  private var givesPointsAsRecorded: Bool {
    let count = farCount + nearCount
    return count > 0 ? nearCount <= count / 2 : isFar(finest?.milliseconds ?? 0)
  }

  /// Every moment by itself, with an empty one in each gap; `nil` when there are none or too many.
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
