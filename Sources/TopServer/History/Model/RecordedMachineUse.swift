/// The machine's use of CPUs, memory and disks over the whole history, as fractions of their capacity.
struct RecordedMachineUse: Sendable, Equatable {
  /// The measured resources; the numbers are part of the file format.
  enum Kind: Int64, Sendable, CaseIterable {
    case cpu = 1
    case memory = 2
    case disk = 3

    /// The series with its values.
    var series: Series {
      switch self {
      case .cpu: .known("cpu.busy_percent")
      case .memory: .known("memory.used_percent")
      case .disk: .known("file_systems.used_percent")
      }
    }
  }

  /// The extremes and sum over some time, in percent.
  struct Part: Sendable, Equatable {
    /// Measured seconds; in files of earlier versions the number of samples.
    var weight: Double
    var minimum: Double
    var total: Double
    var maximum: Double

    static func + (left: Part, right: Part) -> Part {
      Part(
        weight: left.weight + right.weight, minimum: min(left.minimum, right.minimum),
        total: left.total + right.total, maximum: max(left.maximum, right.maximum))
    }
  }

  /// The minimum, mean and maximum.
  struct Range: Sendable, Equatable {
    var minimum: Double
    var average: Double
    var maximum: Double

    /// - Returns: `nil` when nothing was recorded.
    init?(_ part: Part?) {
      guard let part, part.weight > 0 else { return nil }
      minimum = part.minimum / 100
      average = part.total / part.weight / 100
      maximum = part.maximum / 100
    }

    init(minimum: Double, average: Double, maximum: Double) {
      self.minimum = minimum
      self.average = average
      self.maximum = maximum
    }
  }

  /// Nanoseconds since the epoch at which the server started.
  var serviceStart: Int64
  var cpu: Range?
  var memory: Range?
  /// All real file systems together.
  var disk: Range?

  /// The sums of one block.
  static func parts(of block: HistoryBlock) -> [(Kind, Part)] {
    Kind.allCases.compactMap { kind in
      let series = kind.series
      guard let column = block.columns[series] else { return nil }
      let weights = PointWeights(block)[.time].map { $0 / 1e6 }
      var part: Part?
      for (index, average) in column.average.enumerated() {
        guard let average else { continue }
        func value(_ list: [Int64?]) -> Double {
          series.value(Double((list.isEmpty ? average : list[index]) ?? average))
        }
        let one = Part(
          weight: weights[index], minimum: value(column.minimum),
          total: value(column.average) * weights[index], maximum: value(column.maximum))
        part = part.map { $0 + one } ?? one
      }
      return part.map { (kind, $0) }
    }
  }
}
