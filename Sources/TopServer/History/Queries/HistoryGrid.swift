/// The times of an answer's points, and the mapping of recorded points to them.
struct HistoryGrid: Sendable {
  /// Milliseconds since the epoch, ascending.
  let times: [Int64]
  private let query: HistoryQuery
  /// Milliseconds between evenly spaced points; `nil` where points are the recorded ones.
  private let step: Int64?
  /// The part of the range that the steps cover.
  private let range: ClosedRange<Int64>

  /// The points of an answer to which a recorded point belongs.
  struct Place: Sendable, Equatable {
    /// Empty when the recorded point is outside the range.
    var range: Range<Int>
    /// The points whose extremes include it: those that have more of it than rounding explains.
    var extremes: Range<Int>
    /// The part of the recorded point that lies in the first of them, in each between, and in the last, from 0 to 1.
    var first = 1.0
    var inner = 1.0
    var last = 1.0

    static let nowhere = Place(range: 0..<0, extremes: 0..<0)

    init(range: Range<Int>, extremes: Range<Int>) {
      (self.range, self.extremes) = (range, extremes)
    }

    init(whole place: Int) { self.init(range: place..<place + 1, extremes: place..<place + 1) }

    func share(_ place: Int) -> Double {
      place == range.lowerBound ? first : place == range.upperBound - 1 ? last : inner
    }
  }

  /// Evenly spaced points.
  init(stepsOf query: HistoryQuery) {
    let step = query.chosenStep
    let start = query.firstStep
    times = (0..<Int64(query.pointCount)).map { start + $0 * step }
    (self.query, self.step) = (query, step)
    let first = max(query.range.lowerBound, start)
    range = first...max(first, min(query.range.upperBound, start + Int64(times.count) * step))
  }

  /// The recorded points.
  init(recorded times: [Int64], _ query: HistoryQuery) {
    (self.times, self.query, step, range) = (times, query, nil, query.range)
  }

  /// Finds the points of the answer to which each point of a block belongs.
  ///
  /// - Parameters:
  ///   - spans: The spans of the points; see ``PointSpan``.
  ///   - places: Receives the places; its memory is reused for the next block.
  /// - Returns: The only place to which all points belong entirely, if there is one; then `places` is empty.
  func locate(_ block: BlockView, _ spans: [PointSpan], into places: inout [Place]) -> Int? {
    places.removeAll(keepingCapacity: true)
    guard step != nil else {
      for point in block.points { places.append(place(of: point, block.resolution)) }
      return nil
    }
    if let only = onlyPlace(spans, block.resolution) { return only }
    for span in spans { places.append(place(of: span)) }
    return nil
  }

  private func onlyPlace(_ spans: [PointSpan], _ resolution: HistoryBlock.Resolution) -> Int? {
    guard let step, let start = times.first, let one = spans.first else { return nil }
    let (begin, end) = spans.reduce((one.begin, one.end)) {
      (min($0.0, $1.begin), max($0.1, $1.end))
    }
    guard begin >= range.lowerBound, end <= range.upperBound else { return nil }
    let place = (begin - start) / step
    // A single moment at the end of a step is in the next one; only samples can be single moments.
    let last = start + (place + 1) * step - (resolution == .sample ? 1 : 0)
    return end <= last && place < times.count ? Int(place) : nil
  }

  /// The steps in which a span lies.
  private func place(of span: PointSpan) -> Place {
    guard let step, let start = times.first else { return .nowhere }
    guard span.begin < span.end else {
      guard range.contains(span.end), span.end < start + Int64(times.count) * step else {
        return .nowhere
      }
      return Place(whole: Int((span.end - start) / step))
    }
    let (begin, end) = (max(span.begin, range.lowerBound), min(span.end, range.upperBound))
    guard begin < end else { return .nowhere }
    let (first, last) = ((begin - start) / step, (end - start - 1) / step)
    // Milliseconds of the first and of the last step that the span covers.
    let inFirst = min(end, start + (first + 1) * step) - begin
    let inLast = end - max(begin, start + last * step)
    var place = Place(
      range: Int(first)..<Int(last) + 1, extremes: Int(first)..<Int(last) + 1)
    let length = Double(span.end) - Double(span.begin)
    place.first = Double(inFirst) / length
    place.inner = Double(step) / length
    place.last = Double(inLast) / length
    let least = min(PointSpan.rounding, Int64(length))
    let extremes = (inFirst < least ? 1 : 0, inLast < least ? 1 : 0)
    let (lower, upper) = (place.range.lowerBound + extremes.0, place.range.upperBound - extremes.1)
    place.extremes = lower < upper ? lower..<upper : lower..<lower
    return place
  }

  /// The point of the answer with the time of a recorded point.
  private func place(of point: HistoryPoint, _ resolution: HistoryBlock.Resolution) -> Place {
    guard query.lists(point, resolution) else { return .nowhere }
    var candidates = 0..<times.count
    while !candidates.isEmpty {
      let middle = (candidates.lowerBound + candidates.upperBound) / 2
      if times[middle] == point.time { return Place(whole: middle) }
      candidates =
        times[middle] < point.time
        ? middle + 1..<candidates.upperBound : candidates.lowerBound..<middle
    }
    return .nowhere
  }
}

extension HistoryQuery {
  /// Whether an answer with the points as recorded includes a point.
  ///
  /// A sample is included if its moment is in the range. The time of a merged point is its first moment, as for a step, so
  /// a point that `from` cuts is included too.
  func lists(_ point: HistoryPoint, _ resolution: HistoryBlock.Resolution) -> Bool {
    guard resolution != .sample else { return point.time >= from && point.time <= to }
    guard point.time < range.upperBound, point.time <= to else { return false }
    return from > range.lowerBound
      ? point.time >= from : point.time > from - resolution.milliseconds
  }
}
