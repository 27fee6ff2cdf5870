/// How much each point of a block weighs in a mean: by the time that was measured, not by the number of samples.
///
/// So a mean of percentages is the percentage of the sums. The microseconds of an interval weigh each value that is about
/// the time that passed. A percentage of all CPUs weighs as much as the time of all CPUs that was counted, and a part of
/// the ledger as much as the time of which the counters of the kernel say something.
struct PointWeights: Sendable {
  /// What a series is a share of.
  typealias Kind = MeasureWeight

  /// CPUs whose time the counters cover: all, fewer where idle time is not exact, none where nothing is known.
  static let countedCPUs = Series.known("cpu.counted_cpus")
  /// Percent of the time of which something is known.
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

  /// The weights of points of which nothing else is known.
  ///
  /// The first sample of a run has no interval; it weighs as much as those after it, for what it says of the moment.
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

  /// - Parameter values: Of the block, as they are kept; `nil` where there is none.
  mutating func scaleByCountedCPUs(_ values: some Sequence<Int64?>) {
    scale(&cpus, by: values) { Self.countedCPUs.value($0) }
  }

  /// For points of a file that does not say how many CPUs were counted.
  mutating func scaleByCPUCount(_ values: some Sequence<Int64?>) {
    scale(&cpus, by: values) { Self.cpuCount.value($0) }
  }

  mutating func scaleByMeasured(_ values: some Sequence<Int64?>) {
    scale(&ledger, by: values) { Self.measured.value($0) / 100 }
  }

  /// What weighs nothing still counts where there is nothing else.
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
  /// The weights of a block that is in memory.
  init(_ block: HistoryBlock) {
    load(block.points)
    // What was counted knows better, where it is known.
    if let column = block.columns[Self.cpuCount] { scaleByCPUCount(column.average) }
    if let column = block.columns[Self.countedCPUs] { scaleByCountedCPUs(column.average) }
    if let column = block.columns[Self.measured] { scaleByMeasured(column.average) }
  }
}

extension MeasureWeight {
  init(_ series: Series) { self = Measures.at(series.name)?.recording?.weight ?? .time }
}
