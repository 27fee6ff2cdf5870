import Linux

/// A number of a machine, or of one part of it, defined once: every text that shows, keeps, sends or watches it is made
/// from this.
///
/// ``Measures`` has all of them. docs/measures.md lists them, and says how to add one.
struct Measure<Part>: Sendable {
  /// The last word of the path in /system: `used_percent` of `memory.used_percent`.
  let name: String
  let unit: MeasureUnit
  /// A sentence for people who read the number.
  let help: String
  /// Decimals in /system, at most.
  let decimals: Int
  /// The value; `nil` where it is not known.
  let read: @Sendable (Part) -> MeasureValue?

  /// Whether it is a member of /system.
  private(set) var isShown = true
  /// How the history keeps it; `nil` when it does not.
  private(set) var recording: Recording? = Recording()
  /// What is known of it of other hosts; `nil` when nothing is.
  private(set) var agents: AgentUse?
  /// How rules name it, each in a way of its own.
  private(set) var alerts: [AlertUse<Part>] = []

  /// How the history keeps a measure.
  struct Recording: Sendable {
    /// It keeps whole multiples of one part in so many.
    var parts: Double?
    var weight = MeasureWeight.time
    /// What it keeps where that is not what is shown.
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

/// What a mean of a recorded measure weighs its points by: see ``PointWeights``.
enum MeasureWeight: Sendable, Hashable, CaseIterable {
  /// The time that passed.
  case time
  /// The time of all CPUs that was counted.
  case cpus
  /// The time of which the kernel's counters say something. Such values add up, and a part of the ledger is made of sums.
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

// MARK: - What else a definition may say

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
  ///   - parts: The history keeps whole multiples of one part in so many; by default as many as the unit has.
  ///   - read: What it keeps, where that is not what is shown.
  func recorded(
    parts: Double? = nil, by weight: MeasureWeight = .time,
    as read: (@Sendable (Part) -> Double?)? = nil
  ) -> Measure {
    with { $0.recording = Recording(parts: parts, weight: weight, read: read) }
  }

  /// Lets it be known of other hosts.
  func ofOtherHosts(_ use: AgentUse) -> Measure { with { $0.agents = use } }

  /// Lets rules name it.
  func watched(_ use: AlertUse<Part>) -> Measure { with { $0.alerts.append(use) } }
}
