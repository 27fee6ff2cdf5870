/// The unit of a measure in answers, in the history, in messages and in rules.
///
/// In the program, shares are fractions.
enum MeasureUnit: String, Sendable, CaseIterable {
  /// Percent of what the measure names.
  case percent = "percent"
  case percentOfAllCPUs = "percent of all CPUs"
  /// More than 100 if several CPUs are busy.
  case percentOfOneCPU = "percent of one CPU"
  case bytes = "bytes"
  case bytesPerSecond = "bytes per second"
  case seconds = "seconds"
  /// A whole number.
  case count = "count"
  case countPerSecond = "count per second"
  /// A number without a unit, such as a load average.
  case number = "number"

  /// Whether the value is a fraction in the program and a percentage in answers.
  var isShare: Bool {
    switch self {
    case .percent, .percentOfAllCPUs, .percentOfOneCPU: true
    default: false
    }
  }

  /// Whether values are whole numbers.
  var isWhole: Bool { self == .bytes || self == .count }

  /// The history records whole multiples of 1/parts; see ``Series/scale``.
  var parts: Double {
    switch self {
    case .percent, .percentOfAllCPUs, .percentOfOneCPU, .countPerSecond, .number: 100
    case .count, .bytesPerSecond: 1
    case .seconds: 10_000
    // /proc counts in KiB.
    case .bytes: 1.0 / 1024
    }
  }

  /// Converts an internal value to this unit.
  func shown(_ value: Double) -> Double { isShare ? value * 100 : value }

  /// Converts a value in this unit to the internal value.
  func inside(_ shown: Double) -> Double { isShare ? shown / 100 : shown }
}
