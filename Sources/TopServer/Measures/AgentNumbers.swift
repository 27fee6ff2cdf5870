/// The measures that are known of other hosts: what an agent sends, and what follows from that.
///
/// They stand in messages in this order.
enum AgentPlace: Int, Sendable, CaseIterable {
  case uptime, cpuCount
  case user, nice, system, idle, iowait, irq, softirq, steal, guest
  case load1, load5, load15
  case memoryTotal, memoryAvailable, memoryUsed
  case coverage
  // What follows from those.
  case busy, memoryUsedShare
}

/// How a measure comes to be known of another host.
struct AgentUse: Sendable {
  let place: AgentPlace
  /// The path in a message where that is not the one in /system.
  var key: String?
  /// Whether it is a member of a message.
  var isSent = true
  /// Whether a hub takes it from the message; what follows from the rest is worked out.
  var isTaken = true
  /// What a message may say, as it is shown.
  var range: ClosedRange<Double>
  /// Whether a value beyond the range is moved into it; otherwise it is left out.
  var isMoved = true
  /// The number under which the history of other hosts keeps it, part of the file format; `nil` when it does not.
  var series: Int64?
  /// What the value is in view of all that a message says.
  var settle: (@Sendable (AgentNumbers) -> Double?)?
}

extension AgentUse {
  /// A share in percent.
  static func percent(_ place: AgentPlace, as key: String? = nil, series: Int64? = nil) -> AgentUse
  {
    AgentUse(place: place, key: key, range: 0...100, series: series)
  }

  /// A number from 0 that is moved into its range.
  static func number(
    _ place: AgentPlace, upTo most: Double, series: Int64? = nil,
    settle: (@Sendable (AgentNumbers) -> Double?)? = nil
  ) -> AgentUse {
    AgentUse(place: place, range: 0...most, series: series, settle: settle)
  }

  /// A number that is left out where it is not possible.
  static func possible(_ place: AgentPlace, in range: ClosedRange<Double>) -> AgentUse {
    AgentUse(place: place, range: range, isMoved: false)
  }

  /// What follows from the rest.
  ///
  /// - Parameter isSent: Whether messages have it all the same, for readers of their own.
  static func following(
    _ place: AgentPlace, isSent: Bool = false, series: Int64? = nil,
    _ settle: @escaping @Sendable (AgentNumbers) -> Double?
  ) -> AgentUse {
    AgentUse(
      place: place, isSent: isSent, isTaken: false, range: 0...Double.infinity, series: series,
      settle: settle)
  }
}

/// What is known of another machine; shares are fractions.
struct AgentNumbers: Sendable, Equatable {
  /// Not a number where nothing is known: there may be thousands of hosts, and an optional takes twice the bytes.
  private var values = [Double](repeating: .nan, count: AgentPlace.allCases.count)

  subscript(place: AgentPlace) -> Double? {
    get {
      let value = values[place.rawValue]
      return value.isNaN ? nil : value
    }
    set { values[place.rawValue] = newValue ?? .nan }
  }

  /// What this machine would send of itself.
  init(_ snapshot: Snapshot) {
    for measure in Measures.ofOtherHosts {
      self[measure.agents.place] = measure.description.read(snapshot)
    }
  }

  init() {}

  /// Works out what follows from what was sent.
  mutating func settle() {
    for measure in Measures.ofOtherHosts {
      if let settle = measure.agents.settle { self[measure.agents.place] = settle(self) }
    }
  }

  static func == (left: AgentNumbers, right: AgentNumbers) -> Bool {
    AgentPlace.allCases.allSatisfy { left[$0] == right[$0] }
  }
}
