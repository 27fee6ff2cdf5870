/// The time that a recorded point measured, in milliseconds since the epoch.
///
/// A range counts each point by the part of this time that lies inside the range. So the mean of a range is the mean of
/// its parts, wherever they are cut.
struct PointSpan: Sendable, Equatable {
  /// Exclusive, unless the span is a single moment.
  var begin: Int64
  /// Inclusive.
  var end: Int64

  init(begin: Int64, end: Int64) { (self.begin, self.end) = (begin, end) }

  /// A sample measured the time before it; a merged point has the samples from its time to the next point.
  init(_ point: HistoryPoint, _ resolution: HistoryBlock.Resolution) {
    let length = point.elapsed / 1000
    end = point.time
    if resolution != .sample { end &+= resolution.milliseconds }
    // If samples are farther apart than merged points, each point has one sample and also covers the time before it.
    let isLong = resolution == .sample || length / 3 > resolution.milliseconds / 2
    begin = min(end, isLong ? end &- length : point.time)
  }

  /// The spans of the points of one block; each sample begins where the previous one ended.
  static func spans(
    of points: [HistoryPoint], _ resolution: HistoryBlock.Resolution, into spans: inout [PointSpan]
  ) {
    spans.removeAll(keepingCapacity: true)
    for (index, point) in points.enumerated() {
      var span = PointSpan(point, resolution)
      if resolution == .sample, index > 0, span.begin < span.end {
        // Times are whole milliseconds and lengths may be whole hundredths of a second, so the two may differ.
        let before = points[index - 1].time
        if before < span.end, abs(span.begin &- before) <= leastGap { span.begin = before }
      }
      spans.append(span)
    }
  }

  static func spans(of block: HistoryBlock) -> [PointSpan] {
    var spans: [PointSpan] = []
    Self.spans(of: block.points, block.resolution, into: &spans)
    return spans
  }

  /// The maximum error of an end of a span of this machine in milliseconds.
  static let rounding: Int64 = 2
  /// Milliseconds between two samples that are not a gap; see ``FleetPoint/elapsed(_:)``.
  private static let leastGap: Int64 = 10

  /// The part of the span that lies after `from` and not after `to`, from 0 to 1.
  ///
  /// A single moment lies inside entirely, also at `from`.
  func share(after from: Int64, through to: Int64) -> Double {
    guard begin < end else { return end >= from && end <= to ? 1 : 0 }
    let (first, last) = (max(begin, from), min(end, to))
    guard first < last else { return 0 }
    // Floating point cannot overflow here; a damaged file may contain any time.
    return (Double(last) - Double(first)) / (Double(end) - Double(begin))
  }
}
