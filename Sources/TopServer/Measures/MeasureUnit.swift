/// The unit of a measure in /system, in the history, in messages and in rules.
///
/// The code stores shares as fractions.
enum MeasureUnit: String, Sendable, CaseIterable {
  /// Percent of the quantity in the measure's name.
  case percent = "percent"
  case percentOfAllCPUs = "percent of all CPUs"
  /// More than 100 where several CPUs are busy.
  case percentOfOneCPU = "percent of one CPU"
  case bytes = "bytes"
  case bytesPerSecond = "bytes per second"
  case seconds = "seconds"
  /// An integer.
  case count = "count"
  case countPerSecond = "count per second"
  /// A number without a unit, such as a load average.
  case number = "number"

  /// Whether the stored value is a fraction, and the shown one percent.
  var isShare: Bool {
    switch self {
    case .percent, .percentOfAllCPUs, .percentOfOneCPU: true
    default: false
    }
  }

  /// Whether values are integers.
  var isWhole: Bool { self == .bytes || self == .count }

  /// The scale of stored values: see ``Series/scale``.
  var parts: Double {
    switch self {
    case .percent, .percentOfAllCPUs, .percentOfOneCPU, .countPerSecond, .number: 100
    case .count, .bytesPerSecond: 1
    case .seconds: 10_000
    // /proc counts in KiB.
    case .bytes: 1.0 / 1024
    }
  }

  /// Converts a stored value to the shown unit.
  func shown(_ value: Double) -> Double { isShare ? value * 100 : value }

  /// Converts a shown value to the stored unit.
  func inside(_ shown: Double) -> Double { isShare ? shown / 100 : shown }
}
