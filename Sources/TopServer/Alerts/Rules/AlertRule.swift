import Linux

/// When an alert fires and when it is resolved.
struct AlertRule: Sendable, Equatable {
  /// The bad side of the threshold.
  enum Side: String, Sendable {
    case above, below
  }

  /// Unique among the rules.
  var name: String
  var metric: AlertMetric
  var side = Side.above
  /// Shares as fractions; see ``AlertMetric/unit``.
  var threshold: Double
  /// The clearing threshold, on the good side of ``threshold``, so that a fluctuating value fires once.
  var clear: Double
  /// The time over which the value is averaged; zero uses the newest value.
  var averaging: Duration
  /// How long the value must stay beyond the threshold before the alert fires.
  var hold = defaultHold
  /// How long the value must stay beyond ``clear`` before the alert is resolved.
  var keepFiring = defaultKeepFiring

  static let defaultHold = Duration.seconds(30)
  static let defaultKeepFiring = Duration.seconds(5)

  /// The rules that apply unless the file turns them off.
  static let defaults = [
    AlertRule(
      name: "cpu", metric: .cpu, threshold: 0.75, clear: 0.65,
      averaging: AlertMetric.cpu.defaultAveraging),
    AlertRule(
      name: "load", metric: .known("load1_per_cpu"), threshold: 1, clear: 0.8, averaging: .zero),
    AlertRule(
      name: "host-silent", metric: .silence, threshold: 30, clear: 5, averaging: .zero,
      hold: AlertMetric.silence.defaultHold),
  ]

  func isMet(by value: Double) -> Bool {
    side == .above ? value > threshold : value < threshold
  }

  func isCleared(by value: Double) -> Bool {
    side == .above ? value <= clear : value >= clear
  }

  /// Whether one value is further on the bad side than another.
  func isWorse(_ value: Double, than other: Double) -> Bool {
    side == .above ? value > other : value < other
  }
}

extension AlertRule: CustomStringConvertible {
  /// The rule as a sentence, for example "CPU above 75 % of all CPUs for 30 s, …".
  var description: String {
    let unit = metric.unit
    let mean = averaging > .zero ? " on average over \(LogText.duration(averaging))" : ""
    let good = side == .above ? "or less" : "or more"
    return "\(metric.subject) \(side.rawValue) \(unit.text(threshold))\(mean)"
      + "\(Self.span(hold)); clears at \(unit.text(clear)) \(good)\(Self.span(keepFiring))"
  }

  /// For example " for 30 s"; empty for zero.
  private static func span(_ duration: Duration) -> String {
    duration > .zero ? " for \(LogText.duration(duration))" : ""
  }
}
