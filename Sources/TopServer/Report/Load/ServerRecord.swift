/// What a server said of itself before, during and after it was asked.
struct ServerRecord: Sendable, Equatable {
  /// Facts, and how many seconds into the load they were told.
  struct Sample: Sendable, Equatable {
    var seconds: Double
    var facts: ServerFacts
  }

  var before: ServerFacts?
  var during: [Sample] = []
  var after: ServerFacts?

  /// Whether the server is one that tells of itself.
  var isKnown: Bool { before != nil }

  /// Percent of one CPU while it was asked; `nil` when no sample fell into that time.
  var meanCPUPercent: Double? { Self.mean(during.compactMap(\.facts.cpuPercent)) }
  var highestCPUPercent: Double? { during.compactMap(\.facts.cpuPercent).max() }
  var meanResidentBytes: Int64? {
    Self.mean(during.compactMap(\.facts.residentBytes).map(Double.init)).map { Int64($0) }
  }
  var highestResidentBytes: Int64? { during.compactMap(\.facts.residentBytes).max() }
  /// Percent of all CPUs that the whole machine used, the clients too if they run on it.
  var meanMachineBusyPercent: Double? { Self.mean(during.compactMap(\.facts.machineBusyPercent)) }

  /// How many requests for the paths the server counted itself; `nil` when it cannot be told.
  func requests(for paths: [String]) -> Int64? {
    guard let before = before?.requests(for: paths), let after = after?.requests(for: paths),
      // A server that was started anew in between counts from 0.
      after >= before
    else { return nil }
    return after - before
  }

  private static func mean(_ values: [Double]) -> Double? {
    values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }
}
