/// A contiguous part of the history: points in the order of recording, stored column by column.
struct HistoryBlock: Sendable, Equatable {
  /// Ascends in the order of recording, independently of the wall clock.
  var id: Int64
  var resolution: Resolution
  /// In ascending order of time.
  var points: [HistoryPoint] = []
  /// Every column has one value for each point.
  var columns: [Series: SeriesColumn] = [:]
  var processes = ProcessColumns()

  /// The time that one point covers.
  enum Resolution: Int64, Sendable, CaseIterable {
    case sample = 0
    case tenSeconds = 10
    case minute = 60

    var milliseconds: Int64 { rawValue * 1000 }
  }

  /// The first moment that it covers, in milliseconds since the epoch.
  var first: Int64 { points.first?.time ?? 0 }
  /// The moment from which its first point measured; see ``PointSpan``.
  var begin: Int64 { points.first.map { PointSpan($0, resolution).begin } ?? 0 }
  /// The last moment that it covers, in milliseconds since the epoch.
  var last: Int64 { (points.last?.time ?? 0) + max(0, resolution.milliseconds - 1) }
}

/// One sample, or several merged ones.
struct HistoryPoint: Sendable, Equatable {
  /// Milliseconds since the epoch: the time of the sample, or the beginning of the merged range.
  var time: Int64
  /// Measured microseconds on the monotonic clock; 0 for the first sample of a run.
  var elapsed: Int64
  /// The number of merged samples.
  var samples = 1
}

/// The values of one series, `nil` where there is none.
struct SeriesColumn: Sendable, Equatable {
  var average: [Int64?]
  /// Empty where each point is one sample.
  var minimum: [Int64?] = []
  var maximum: [Int64?] = []
}
