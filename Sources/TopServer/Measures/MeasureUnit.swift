/// What a measure counts in, outside: in /system, in the history, in messages and in rules.
///
/// Inside, a share is a fraction.
enum MeasureUnit: String, Sendable, CaseIterable {
  /// Of what the name of the measure says.
  case percent = "percent"
  case percentOfAllCPUs = "percent of all CPUs"
  /// More than 100 where several CPUs are busy.
  case percentOfOneCPU = "percent of one CPU"
  case bytes = "bytes"
  case bytesPerSecond = "bytes per second"
  case seconds = "seconds"
  /// A whole number of things.
  case count = "count"
  case countPerSecond = "count per second"
  /// A number of its own kind, such as a load average.
  case number = "number"

  /// Whether the value is a fraction inside, and 100 times that outside.
  var isShare: Bool {
    switch self {
    case .percent, .percentOfAllCPUs, .percentOfOneCPU: true
    default: false
    }
  }

  /// Whether values are whole numbers.
  var isWhole: Bool { self == .bytes || self == .count }

  /// The history keeps whole multiples of one part in so many: see ``Series/scale``.
  var parts: Double {
    switch self {
    case .percent, .percentOfAllCPUs, .percentOfOneCPU, .countPerSecond, .number: 100
    case .count, .bytesPerSecond: 1
    case .seconds: 10_000
    // The KiB that /proc counts in.
    case .bytes: 1.0 / 1024
    }
  }

  /// A value as it is shown.
  func shown(_ value: Double) -> Double { isShare ? value * 100 : value }

  /// A value that is shown like this.
  func inside(_ shown: Double) -> Double { isShare ? shown / 100 : shown }
}
