/// The measures of other hosts at a hub: those that agents send, and those that the hub derives from them.
///
/// This is also their order in messages.
enum AgentPlace: Int, Sendable, CaseIterable {
  case uptime, cpuCount
  case user, nice, system, idle, iowait, irq, softirq, steal, guest
  case load1, load5, load15
  case memoryTotal, memoryAvailable, memoryUsed
  case coverage
  // Sums over time; see ``LedgerSums``.
  case counted, accounted, countedCPUs
  // Derived from the others.
  case busy, memoryUsedShare, measured
}

/// How a hub gets a measure of another host.
struct AgentUse: Sendable {
  let place: AgentPlace
  /// The path in a message, if it differs from the path in /system.
  var key: String?
  /// Whether messages contain it.
  var isSent = true
  /// Whether the hub reads it from the message; otherwise it derives the value.
  var isTaken = true
  /// The valid values in a message, in the unit of the measure.
  var range: ClosedRange<Double>
  /// Whether a value outside the range is clamped to it; otherwise the value is ignored.
  var isMoved = true
  /// The number of its series in the history of other hosts; `nil` if it is not recorded.
  ///
  /// The number is part of the file format.
  var series: Int64?
  /// Derives the value from all numbers of the message.
  var settle: (@Sendable (AgentNumbers) -> Double?)?
}

extension AgentUse {
  /// A percentage, clamped to 0 to 100.
  static func percent(_ place: AgentPlace, as key: String? = nil, series: Int64? = nil) -> AgentUse
  {
    AgentUse(place: place, key: key, range: 0...100, series: series)
  }

  /// A number, clamped to a range that starts at 0.
  static func number(
    _ place: AgentPlace, upTo most: Double, series: Int64? = nil,
    settle: (@Sendable (AgentNumbers) -> Double?)? = nil
  ) -> AgentUse {
    AgentUse(place: place, range: 0...most, series: series, settle: settle)
  }

  /// A number whose mean over time is computed from sums.
  static func sum(
    _ place: AgentPlace, as key: String? = nil, upTo most: Double, series: Int64
  ) -> AgentUse {
    AgentUse(place: place, key: key, range: 0...most, series: series)
  }

  /// A number that is ignored outside its range.
  static func possible(_ place: AgentPlace, in range: ClosedRange<Double>) -> AgentUse {
    AgentUse(place: place, range: range, isMoved: false)
  }

  /// A number that the hub derives from the others.
  ///
  /// - Parameter isSent: Whether messages contain it anyway, for other readers.
  static func following(
    _ place: AgentPlace, isSent: Bool = false, series: Int64? = nil,
    _ settle: @escaping @Sendable (AgentNumbers) -> Double?
  ) -> AgentUse {
    AgentUse(
      place: place, isSent: isSent, isTaken: false, range: 0...Double.infinity, series: series,
      settle: settle)
  }
}

/// The numbers of one host; shares are fractions.
struct AgentNumbers: Sendable, Equatable {
  /// NaN for unknown values: there may be thousands of hosts, and an optional needs twice the memory.
  private var values = [Double](repeating: .nan, count: AgentPlace.allCases.count)

  subscript(place: AgentPlace) -> Double? {
    get {
      let value = values[place.rawValue]
      return value.isNaN ? nil : value
    }
    set { values[place.rawValue] = newValue ?? .nan }
  }

  /// The numbers of this machine.
  init(_ snapshot: Snapshot) {
    for measure in Measures.ofOtherHosts {
      self[measure.agents.place] = measure.description.read(snapshot)
    }
  }

  init() {}

  /// Derives the numbers that are not read from a message.
  mutating func settle() {
    for measure in Measures.ofOtherHosts {
      if let settle = measure.agents.settle { self[measure.agents.place] = settle(self) }
    }
  }

  static func == (left: AgentNumbers, right: AgentNumbers) -> Bool {
    AgentPlace.allCases.allSatisfy { left[$0] == right[$0] }
  }
}
