/// The measures of other hosts: those that agents send, and those derived from them.
///
/// Messages have them in this order.
enum AgentPlace: Int, Sendable, CaseIterable {
  case uptime, cpuCount
  case user, nice, system, idle, iowait, irq, softirq, steal, guest
  case load1, load5, load15
  case memoryTotal, memoryAvailable, memoryUsed
  case coverage
  // Derived from the others.
  case busy, memoryUsedShare
}

/// How a measure of another host is obtained.
struct AgentUse: Sendable {
  let place: AgentPlace
  /// The path in a message, if it differs from the path in /system.
  var key: String?
  /// Whether messages contain it.
  var isSent = true
  /// Whether a hub reads it from the message, instead of deriving it.
  var isTaken = true
  /// The valid range in a message, in the shown unit.
  var range: ClosedRange<Double>
  /// Whether a value outside the range is clamped; otherwise it is left out.
  var isMoved = true
  /// The number of its series in the history of other hosts, part of the file format; `nil` when it is not recorded.
  var series: Int64?
  /// Derives the value from the rest of a message.
  var settle: (@Sendable (AgentNumbers) -> Double?)?
}

extension AgentUse {
  /// A share in percent.
  static func percent(_ place: AgentPlace, as key: String? = nil, series: Int64? = nil) -> AgentUse
  {
    AgentUse(place: place, key: key, range: 0...100, series: series)
  }

  /// A non-negative number that is clamped to its range.
  static func number(
    _ place: AgentPlace, upTo most: Double, series: Int64? = nil,
    settle: (@Sendable (AgentNumbers) -> Double?)? = nil
  ) -> AgentUse {
    AgentUse(place: place, range: 0...most, series: series, settle: settle)
  }

  /// A number that is left out when it is outside its range.
  static func possible(_ place: AgentPlace, in range: ClosedRange<Double>) -> AgentUse {
    AgentUse(place: place, range: range, isMoved: false)
  }

  /// A number that is derived from the others.
  ///
  /// - Parameter isSent: Whether messages contain it all the same, for other readers.
  static func following(
    _ place: AgentPlace, isSent: Bool = false, series: Int64? = nil,
    _ settle: @escaping @Sendable (AgentNumbers) -> Double?
  ) -> AgentUse {
    AgentUse(
      place: place, isSent: isSent, isTaken: false, range: 0...Double.infinity, series: series,
      settle: settle)
  }
}

/// The measures of another machine; shares are fractions.
struct AgentNumbers: Sendable, Equatable {
  /// NaN where a value is unknown: an optional would need twice the bytes, and there may be thousands of hosts.
  private var values = [Double](repeating: .nan, count: AgentPlace.allCases.count)

  subscript(place: AgentPlace) -> Double? {
    get {
      let value = values[place.rawValue]
      return value.isNaN ? nil : value
    }
    set { values[place.rawValue] = newValue ?? .nan }
  }

  /// The measures that this machine would send.
  init(_ snapshot: Snapshot) {
    for measure in Measures.ofOtherHosts {
      self[measure.agents.place] = measure.description.read(snapshot)
    }
  }

  init() {}

  /// Derives the measures that are not sent.
  mutating func settle() {
    for measure in Measures.ofOtherHosts {
      if let settle = measure.agents.settle { self[measure.agents.place] = settle(self) }
    }
  }

  static func == (left: AgentNumbers, right: AgentNumbers) -> Bool {
    AgentPlace.allCases.allSatisfy { left[$0] == right[$0] }
  }
}
