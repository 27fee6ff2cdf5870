import Linux

/// A number of a machine or of a part of it, defined once: /system, the history, messages, rules and documents derive
/// from it.
///
/// ``Measures`` lists them all, and so does docs/measures.md, which says how to add one.
struct Measure<Part>: Sendable {
  /// The last part of the path in /system: `used_percent` of `memory.used_percent`.
  let name: String
  let unit: MeasureUnit
  /// A sentence that explains the number to users.
  let help: String
  /// The maximum number of decimals in /system.
  let decimals: Int
  /// The value; `nil` where it is unknown.
  let read: @Sendable (Part) -> MeasureValue?

  /// Whether it is in /system.
  private(set) var isShown = true
  /// How it is recorded; `nil` when it is not.
  private(set) var recording: Recording? = Recording()
  /// How it is obtained of other hosts; `nil` when it is not.
  private(set) var agents: AgentUse?
  /// How rules refer to it, each in a different way.
  private(set) var alerts: [AlertUse<Part>] = []

  /// How a measure is recorded.
  struct Recording: Sendable {
    /// The scale of stored values; `nil` for that of the unit.
    var parts: Double?
    var weight = MeasureWeight.time
    /// The recorded value, if it differs from the shown one.
    var read: (@Sendable (Part) -> Double?)?
  }
}

/// The value of a measure; a share is a fraction.
enum MeasureValue: Sendable, Equatable {
  case whole(UInt64)
  case real(Double)

  var number: Double {
    switch self {
    case .whole(let value): Double(value)
    case .real(let value): value
    }
  }
}

/// The weight of a recorded measure's points in a mean: see ``PointWeights``.
enum MeasureWeight: Sendable, Hashable, CaseIterable {
  /// The elapsed time.
  case time
  /// The counted time of all CPUs.
  case cpus
  /// The time with valid counters. Such values add up, and a part of the ledger is computed from sums.
  case ledger
}

// MARK: - Definitions, by unit

extension Measure {
  static func percent(
    _ name: String, of unit: MeasureUnit = .percent, _ help: String,
    _ read: @escaping @Sendable (Part) -> Double?
  ) -> Measure {
    real(name, unit, help, decimals: 2, read)
  }

  static func bytes(
    _ name: String, _ help: String, _ read: @escaping @Sendable (Part) -> UInt64?
  ) -> Measure {
    whole(name, .bytes, help, read)
  }

  static func count(
    _ name: String, _ help: String, _ read: @escaping @Sendable (Part) -> UInt64?
  ) -> Measure {
    whole(name, .count, help, read)
  }

  static func bytesPerSecond(
    _ name: String, _ help: String, _ read: @escaping @Sendable (Part) -> Double?
  ) -> Measure {
    real(name, .bytesPerSecond, help, decimals: 2, read)
  }

  static func countPerSecond(
    _ name: String, _ help: String, _ read: @escaping @Sendable (Part) -> Double?
  ) -> Measure {
    real(name, .countPerSecond, help, decimals: 2, read)
  }

  static func seconds(
    _ name: String, _ help: String, decimals: Int = 2,
    _ read: @escaping @Sendable (Part) -> Double?
  ) -> Measure {
    real(name, .seconds, help, decimals: decimals, read)
  }

  static func number(
    _ name: String, _ help: String, _ read: @escaping @Sendable (Part) -> Double?
  ) -> Measure {
    real(name, .number, help, decimals: 2, read)
  }

  private static func real(
    _ name: String, _ unit: MeasureUnit, _ help: String, decimals: Int,
    _ read: @escaping @Sendable (Part) -> Double?
  ) -> Measure {
    Measure(name: name, unit: unit, help: help, decimals: decimals) { read($0).map { .real($0) } }
  }

  private static func whole(
    _ name: String, _ unit: MeasureUnit, _ help: String,
    _ read: @escaping @Sendable (Part) -> UInt64?
  ) -> Measure {
    Measure(name: name, unit: unit, help: help, decimals: 0) { read($0).map { .whole($0) } }
  }

  private init(
    name: String, unit: MeasureUnit, help: String, decimals: Int,
    read: @escaping @Sendable (Part) -> MeasureValue?
  ) {
    (self.name, self.unit, self.help) = (name, unit, help)
    (self.decimals, self.read) = (decimals, read)
  }
}

// MARK: - Further properties

extension Measure {
  private func with(_ change: (inout Measure) -> Void) -> Measure {
    var measure = self
    change(&measure)
    return measure
  }

  /// Leaves it out of /system.
  func hidden() -> Measure { with { $0.isShown = false } }

  /// Leaves it out of the history.
  func unrecorded() -> Measure { with { $0.recording = nil } }

  /// - Parameters:
  ///   - parts: The scale of stored values; by default that of the unit.
  ///   - read: The recorded value, if it differs from the shown one.
  func recorded(
    parts: Double? = nil, by weight: MeasureWeight = .time,
    as read: (@Sendable (Part) -> Double?)? = nil
  ) -> Measure {
    with { $0.recording = Recording(parts: parts, weight: weight, read: read) }
  }

  /// Makes it available of other hosts.
  func ofOtherHosts(_ use: AgentUse) -> Measure { with { $0.agents = use } }

  /// Lets rules watch it.
  func watched(_ use: AlertUse<Part>) -> Measure { with { $0.alerts.append(use) } }
}
