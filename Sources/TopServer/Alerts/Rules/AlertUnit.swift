/// The unit in which the values of a metric are shown.
///
/// The engine stores shares as fractions.
enum AlertUnit: String, Sendable, CaseIterable {
  case percent
  case percentOfAllCPUs = "percent_of_all_cpus"
  case percentOfOneCPU = "percent_of_one_cpu"
  case number
  case seconds

  init(_ unit: MeasureUnit) {
    self =
      switch unit {
      case .percent: .percent
      case .percentOfAllCPUs: .percentOfAllCPUs
      case .percentOfOneCPU: .percentOfOneCPU
      case .seconds: .seconds
      case .bytes, .bytesPerSecond, .count, .countPerSecond, .number: .number
      }
  }

  /// Converts a stored value to the shown unit.
  func shown(_ value: Double) -> Double { value * scale }

  /// Converts a shown value to the stored unit.
  func inside(_ shown: Double) -> Double { shown / scale }

  /// The valid thresholds, in the shown unit.
  var range: ClosedRange<Double> {
    switch self {
    case .percent, .percentOfAllCPUs: 0...100
    case .percentOfOneCPU, .number, .seconds: 0...1_000_000
    }
  }

  /// For example "75 % of all CPUs".
  func text(_ value: Double) -> String {
    switch self {
    case .percent: "\(LogText.number(shown(value))) %"
    case .percentOfAllCPUs: "\(LogText.number(shown(value))) % of all CPUs"
    case .percentOfOneCPU: "\(LogText.number(shown(value))) % of one CPU"
    case .number: LogText.number(value)
    case .seconds: LogText.seconds(value)
    }
  }

  /// The unit that may follow a value in the file.
  var suffix: String {
    switch self {
    case .percent, .percentOfAllCPUs, .percentOfOneCPU: "%"
    case .number: ""
    case .seconds: "s"
    }
  }

  private var scale: Double { self == .number || self == .seconds ? 1 : 100 }
}
