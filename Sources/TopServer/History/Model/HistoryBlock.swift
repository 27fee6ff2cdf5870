/// A stretch of the history: points in the order of recording, kept column by column.
struct HistoryBlock: Sendable, Equatable {
  /// Ascends in the order of recording, whatever the wall clock did.
  var id: Int64
  var resolution: Resolution
  /// In ascending order of time.
  var points: [HistoryPoint] = []
  /// Every column has as many values as there are points.
  var columns: [Series: SeriesColumn] = [:]
  var processes = ProcessColumns()

  /// What one point stands for.
  enum Resolution: Int64, Sendable, CaseIterable {
    case sample = 0
    case tenSeconds = 10
    case minute = 60

    var milliseconds: Int64 { rawValue * 1000 }
  }

  /// The first moment that it tells of, in milliseconds since the epoch.
  var first: Int64 { points.first?.time ?? 0 }
  /// The last one.
  var last: Int64 { (points.last?.time ?? 0) + max(0, resolution.milliseconds - 1) }
}

/// One sample, or what became of several.
struct HistoryPoint: Sendable, Equatable {
  /// Milliseconds since the epoch: of the sample, or at which the stretch of several begins.
  var time: Int64
  /// Microseconds that were measured, on the monotonic clock; 0 when the sample has none before it.
  var elapsed: Int64
  /// Samples that are in it.
  var samples = 1
}

/// The values of one series, `nil` where there was none.
struct SeriesColumn: Sendable, Equatable {
  var average: [Int64?]
  /// Empty where each point is one sample.
  var minimum: [Int64?] = []
  var maximum: [Int64?] = []
}
