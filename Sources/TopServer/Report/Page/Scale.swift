import RealModule

/// Maps the values of an axis to positions from 0 to 1, and selects its ticks.
struct Scale: Sendable, Equatable {
  let isLogarithmic: Bool
  let range: ClosedRange<Double>
  /// Round values in ascending order, including both ends of the range.
  let ticks: [Double]

  /// A scale from 0 to a round value that is not below `highest`.
  ///
  /// - Parameter steps: The allowed numbers of intervals between ticks.
  static func linear(upTo highest: Double, steps: ClosedRange<Int> = 3...5) -> Scale {
    let highest = highest > 0 ? highest : 1
    let choices = steps.map { (count: $0, step: roundUp(highest / Double($0))) }
    let (count, step) =
      choices.min { Double($0.count) * $0.step < Double($1.count) * $1.step }
      ?? (1, highest)
    return Scale(
      isLogarithmic: false, range: 0...step * Double(count),
      ticks: (0...count).map { Double($0) * step })
  }

  /// A logarithmic scale between round values.
  ///
  /// - Precondition: Both arguments are positive.
  static func logarithmic(from lowest: Double, to highest: Double) -> Scale {
    // Ticks at 1, 2 and 5 if there is room, otherwise only at powers of ten.
    let factors = highest / lowest < 500 ? [1.0, 2, 5] : [1.0]
    var ticks: [Double] = []
    var power = Double.pow(10, Double.log10(lowest).rounded(.down))
    while ticks.last ?? 0 <= highest * (1 + 1e-9) {
      ticks += factors.map { $0 * power }
      power *= 10
    }
    let first = ticks.lastIndex { $0 <= lowest * (1 + 1e-9) } ?? 0
    let last = ticks.firstIndex { $0 >= highest * (1 - 1e-9) } ?? ticks.count - 1
    let named = Array(ticks[first...max(first, last)])
    return Scale(
      isLogarithmic: true, range: ticks[first]...ticks[max(first + 1, last)],
      ticks: named.count > 1 ? named : Array(ticks[first...first + 1]))
  }

  /// The position of a value.
  ///
  /// Values outside the range are moved to its ends.
  func position(_ value: Double) -> Double {
    let value = min(max(value, range.lowerBound), range.upperBound)
    func place(_ value: Double) -> Double { isLogarithmic ? Double.log10(value) : value }
    let (low, high) = (place(range.lowerBound), place(range.upperBound))
    return (place(value) - low) / (high - low)
  }

  /// The next 1, 2, 2.5 or 5 times a power of ten.
  private static func roundUp(_ value: Double) -> Double {
    let power = Double.pow(10, Double.log10(value).rounded(.down))
    let factor = [1.0, 2, 2.5, 5].first { $0 * power >= value * (1 - 1e-9) } ?? 10
    return factor * power
  }
}
