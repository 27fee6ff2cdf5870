import RealModule

/// An axis on which each additional nine of a percentile takes the same space.
struct PercentileAxis: Sendable, Equatable {
  /// The number of powers of ten that the axis covers.
  private let decades: Double

  /// - Parameter count: The number of answers; the slowest is at the right end.
  init(count: Int) { decades = Double.log10(Double(max(2, count))) }

  func position(of percent: Double) -> Double { -Double.log10(1 - percent / 100) / decades }

  func percent(at position: Double) -> Double { 100 * (1 - Double.pow(10, -position * decades)) }

  /// The position of the slowest of `count` answers.
  func position(ofRarest count: Int) -> Double { Double.log10(Double(max(1, count))) / decades }

  /// The usual percentiles and the slowest answer.
  var marks: [Plot.Mark] {
    let marks = [(50.0, "50 %"), (90, "90 %"), (99, "99 %"), (99.9, "99.9 %"), (99.99, "99.99 %")]
      .map { Plot.Mark(position: position(of: $0.0), label: $0.1) }
      // Labels near the right end would overlap the last label.
      .filter { $0.position < 0.78 }
    return marks + [.init(position: 1, label: "slowest")]
  }
}
