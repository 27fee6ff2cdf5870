/// The samples of one host in one minute, before they are packed.
struct HostMinute: Sendable {
  let host: String
  /// Milliseconds since the epoch.
  let start: Int64
  /// The agent's run, from which all samples came.
  let run: String
  /// The lowest sequence number of its samples.
  private(set) var firstSequence: UInt64
  private(set) var points: [FleetPoint] = []
  /// When the last point was added, in nanoseconds on the monotonic clock.
  private(set) var touched: Int64
  /// Whether the minute is being packed; later points go into another one.
  var isClosed = false

  static let length: Int64 = 60_000
  /// More than any agent within the rate limit sends.
  private static let mostPoints = 1500

  init(host: String, start: Int64, run: String, sequence: UInt64, now: Int64) {
    (self.host, self.start, self.run) = (host, start, run)
    (firstSequence, touched) = (sequence, now)
  }

  /// - Returns: `false` when the minute is full.
  mutating func add(_ point: FleetPoint, sequence: UInt64, now: Int64) -> Bool {
    guard points.count < Self.mostPoints else { return false }
    points.append(point)
    firstSequence = min(firstSequence, sequence)
    touched = now
    return true
  }

  /// The points in order of time, without duplicate times.
  var block: HistoryBlock {
    var block = HistoryBlock(id: 0, resolution: .sample)
    var sorted: [FleetPoint] = []
    for point in points.sorted(by: { $0.time < $1.time }) where point.time != sorted.last?.time {
      sorted.append(point)
    }
    block.points = sorted.map { HistoryPoint(time: $0.time, elapsed: Int64($0.elapsed) * 1000) }
    for kind in FleetSeries.allCases {
      let column = sorted.map { $0[kind] }
      guard column.contains(where: { $0 != nil }) else { continue }
      block.columns[kind.series] = SeriesColumn(average: column)
    }
    return block
  }

  /// - Parameter number: Ascends in the order of packing.
  func packed(number: UInt64, now: Int64) -> FleetBlock {
    FleetBlock(
      number: number, host: host, start: start, run: run, firstSequence: firstSequence,
      points: points.count, packedAt: now, bytes: block.encodedAlone(FleetSeries.number))
  }
}

/// A packed ``HostMinute``, or late samples of one, to be written to the file.
struct FleetBlock: Sendable, Equatable {
  var number: UInt64
  var host: String
  /// Milliseconds since the epoch.
  var start: Int64
  var run: String
  var firstSequence: UInt64
  var points: Int
  /// Nanoseconds on the monotonic clock.
  var packedAt: Int64
  var bytes: [UInt8]

  /// `nil` when the bytes are damaged.
  var block: HistoryBlock? {
    try? HistoryBlock(id: 0, resolution: .sample, alone: bytes, wanted: FleetSeries.all)
  }
}
