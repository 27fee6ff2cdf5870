/// The weight of each point of a block in a mean: the measured time, not the number of samples.
///
/// So a mean of percentages is the percentage of the sums. Most values are weighted by the microseconds of their
/// interval. A percentage of all CPUs is weighted by the counted time of all CPUs, and a part of the ledger by the time
/// with valid counters.
struct PointWeights: Sendable {
  /// The time of which a series is a share.
  typealias Kind = MeasureWeight

  /// The number of CPUs whose time was counted: all, fewer where idle time is inexact, none where the counters are
  /// invalid.
  static let countedCPUs = Series.known("cpu.counted_cpus")
  /// The percentage of the time with valid counters.
  static let measured = Series.known("ledger.measured_percent")
  static let cpuCount = Series.known("cpu_count")

  private(set) var time: [Double] = []
  private(set) var cpus: [Double] = []
  private(set) var ledger: [Double] = []

  subscript(kind: Kind) -> [Double] {
    switch kind {
    case .time: time
    case .cpus: cpus
    case .ledger: ledger
    }
  }

  /// Sets the weights of points by their time alone.
  ///
  /// The first sample of a run has no interval; it gets the weight of the samples after it, for values of the moment.
  mutating func load(_ points: [HistoryPoint]) {
    time.removeAll(keepingCapacity: true)
    for (index, point) in points.enumerated() {
      time.append(
        point.elapsed > 0
          ? Double(point.elapsed) : Double(point.samples) * Self.pace(points[index...]))
    }
    (cpus, ledger) = (time, time)
  }

  /// Microseconds between samples.
  private static func pace(_ points: ArraySlice<HistoryPoint>) -> Double {
    guard let next = points.first(where: { $0.elapsed > 0 && $0.samples > 0 }) else { return 1e6 }
    return Double(next.elapsed) / Double(next.samples)
  }

  /// - Parameter values: The values of the block in the stored scale; `nil` where there is none.
  mutating func scaleByCountedCPUs(_ values: some Sequence<Int64?>) {
    scale(&cpus, by: values) { Self.countedCPUs.value($0) }
  }

  /// For points of a file without the number of counted CPUs.
  mutating func scaleByCPUCount(_ values: some Sequence<Int64?>) {
    scale(&cpus, by: values) { Self.cpuCount.value($0) }
  }

  mutating func scaleByMeasured(_ values: some Sequence<Int64?>) {
    scale(&ledger, by: values) { Self.measured.value($0) / 100 }
  }

  /// A minimum weight, so that a point without counted time is used when there is no other.
  private static let least = 1e-6

  private func scale(
    _ weights: inout [Double], by values: some Sequence<Int64?>, _ share: (Double) -> Double
  ) {
    for (index, value) in values.enumerated() where index < time.count {
      guard let value else { continue }
      weights[index] = time[index] * max(Self.least, share(Double(value)))
    }
  }
}

extension PointWeights {
  /// The weights of a block in memory.
  init(_ block: HistoryBlock) {
    load(block.points)
    // Counted CPUs are more accurate where they are known.
    if let column = block.columns[Self.cpuCount] { scaleByCPUCount(column.average) }
    if let column = block.columns[Self.countedCPUs] { scaleByCountedCPUs(column.average) }
    if let column = block.columns[Self.measured] { scaleByMeasured(column.average) }
  }
}

extension MeasureWeight {
  init(_ series: Series) { self = Measures.at(series.name)?.recording?.weight ?? .time }
}
