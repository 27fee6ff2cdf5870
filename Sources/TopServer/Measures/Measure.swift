import Linux

/// The definition of one number of a machine, or of a part of it.
///
/// Answers, the history, messages, alert metrics and the documentation are derived from it. ``Measures`` has all
/// measures; CONTRIBUTING.md says how to add one.
struct Measure<Part>: Sendable {
  /// The last word of the path in /system: `used_percent` of `memory.used_percent`.
  let name: String
  let unit: MeasureUnit
  /// What the number means, in one sentence.
  let help: String
  /// The maximum number of decimals that /system shows.
  let decimals: Int
  /// Reads the value; `nil` if it is unknown.
  let read: @Sendable (Part) -> MeasureValue?

  /// Whether /system shows it.
  private(set) var isShown = true
  /// How the history records it; `nil` if it does not.
  private(set) var recording: Recording? = Recording()
  /// How a hub gets it from other hosts; `nil` if it does not.
  private(set) var agents: AgentUse?
  /// The metrics of alert rules that read it.
  private(set) var alerts: [AlertUse<Part>] = []

  /// How the history records a measure.
  struct Recording: Sendable {
    /// Values are whole multiples of 1/parts; `nil` uses the parts of the unit.
    var parts: Double?
    var weight = MeasureWeight.time
    /// Reads the recorded value, if it differs from the value that /system shows.
    var read: (@Sendable (Part) -> Double?)?
  }
}

/// The value of a measure; shares are fractions.
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

/// The weight of a point in the mean of a recorded measure; see ``PointWeights``.
enum MeasureWeight: Sendable, Hashable, CaseIterable {
  /// The time that passed.
  case time
  /// The CPU time that was counted.
  case cpus
  /// The time that the counters of the kernel cover; the parts of the ledger are sums over it.
  case ledger
}

// MARK: - Definitions by unit

extension Measure {
  static func percent(
    _ name: String, of unit: MeasureUnit = .percent, _ help: String, decimals: Int = 2,
    _ read: @escaping @Sendable (Part) -> Double?
  ) -> Measure {
    real(name, unit, help, decimals: decimals, read)
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
    _ name: String, _ help: String, decimals: Int = 2,
    _ read: @escaping @Sendable (Part) -> Double?
  ) -> Measure {
    real(name, .number, help, decimals: decimals, read)
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

// MARK: - Options of a definition

extension Measure {
  private func with(_ change: (inout Measure) -> Void) -> Measure {
    var measure = self
    change(&measure)
    return measure
  }

  /// Omits it from /system.
  func hidden() -> Measure { with { $0.isShown = false } }

  /// Omits it from the history.
  func unrecorded() -> Measure { with { $0.recording = nil } }

  /// - Parameters:
  ///   - parts: The history records whole multiples of 1/parts.
  ///   - read: Reads the recorded value, if it differs from the value that /system shows.
  func recorded(
    parts: Double? = nil, by weight: MeasureWeight = .time,
    as read: (@Sendable (Part) -> Double?)? = nil
  ) -> Measure {
    with { $0.recording = Recording(parts: parts, weight: weight, read: read) }
  }

  /// Adds it to the measures of other hosts at a hub.
  func ofOtherHosts(_ use: AgentUse) -> Measure { with { $0.agents = use } }

  /// Adds a metric of alert rules.
  func watched(_ use: AlertUse<Part>) -> Measure { with { $0.alerts.append(use) } }
}
