/// The times of an answer's points, and the mapping of recorded points to them.
struct HistoryGrid: Sendable {
  /// Milliseconds since the epoch, ascending.
  let times: [Int64]
  private let query: HistoryQuery
  /// Milliseconds between evenly spaced points; `nil` where points are the recorded ones.
  private let step: Int64?

  /// Evenly spaced points.
  init(stepsOf query: HistoryQuery) {
    let step = query.chosenStep
    let start = query.from / step * step
    times = (0..<Int64(query.pointCount)).map { start + $0 * step }
    (self.query, self.step) = (query, step)
  }

  /// The recorded points.
  init(recorded times: [Int64], _ query: HistoryQuery) {
    (self.times, self.query, step) = (times, query, nil)
  }

  /// The points of the answer to which a recorded point belongs; empty when it is outside.
  ///
  /// A point that is longer than a step belongs to every step that it covers.
  func places(of point: HistoryPoint, _ resolution: HistoryBlock.Resolution) -> Range<Int> {
    guard let step else { return place(at: point.time) }
    guard let start = times.first else { return 0..<0 }
    var (first, last) = (point.time, point.time)
    if resolution == .sample {
      // A sample covers the time before it.
      let length = point.elapsed / 1000
      if length * 2 > step * 3 { first = point.time - length + step }
    } else if resolution.milliseconds > step {
      last = point.time + resolution.milliseconds - 1
    }
    guard last >= start, first <= query.to else { return 0..<0 }
    let places =
      max(0, (first - start) / step)...min((last - start) / step, Int64(times.count - 1))
    return Int(places.lowerBound)..<Int(places.upperBound) + 1
  }

  private func place(at time: Int64) -> Range<Int> {
    guard time >= query.from, time <= query.to else { return 0..<0 }
    var candidates = 0..<times.count
    while !candidates.isEmpty {
      let middle = (candidates.lowerBound + candidates.upperBound) / 2
      if times[middle] == time { return middle..<middle + 1 }
      candidates =
        times[middle] < time
        ? middle + 1..<candidates.upperBound : candidates.lowerBound..<middle
    }
    return 0..<0
  }
}
