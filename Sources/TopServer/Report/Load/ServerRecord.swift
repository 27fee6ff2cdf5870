/// The facts that a server reported about itself before, during and after the load.
struct ServerRecord: Sendable, Equatable {
  /// Facts, and the time since the start of the load in seconds.
  struct Sample: Sendable, Equatable {
    var seconds: Double
    var facts: ServerFacts
  }

  var before: ServerFacts?
  var during: [Sample] = []
  var after: ServerFacts?

  /// Whether the server reports facts about itself.
  var isKnown: Bool { before != nil }

  /// Percent of one CPU during the load; `nil` if there was no sample in that time.
  var meanCPUPercent: Double? { timeWeightedMean(\.cpuPercent) }
  var highestCPUPercent: Double? { during.compactMap(\.facts.cpuPercent).max() }
  var meanResidentBytes: Int64? {
    Self.mean(during.compactMap(\.facts.residentBytes).map(Double.init)).map { Int64($0) }
  }
  var highestResidentBytes: Int64? { during.compactMap(\.facts.residentBytes).max() }
  /// Percent of all CPUs that the whole machine used, including the clients if they ran on it.
  var meanMachineBusyPercent: Double? { timeWeightedMean(\.machineBusyPercent) }

  /// The number of requests for the paths that the server counted; `nil` if unknown.
  func requests(for paths: [String]) -> Int64? {
    guard let before = before?.requests(for: paths), let after = after?.requests(for: paths),
      // A restarted server counts from 0.
      after >= before
    else { return nil }
    return after - before
  }

  /// The mean of a percentage of time.
  ///
  /// Each sample counts by the time that it measured: under load, samples are late. Without that time, all count alike.
  private func timeWeightedMean(_ percent: (ServerFacts) -> Double?) -> Double? {
    var (total, weights) = (0.0, 0.0)
    for sample in during {
      guard let value = percent(sample.facts) else { continue }
      let weight = sample.facts.interval ?? 1
      total += value * weight
      weights += weight
    }
    return weights > 0 ? total / weights : nil
  }

  private static func mean(_ values: [Double]) -> Double? {
    values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }
}
