import RealModule

/// An axis on which each nine of a percentile takes the same room.
struct PercentileAxis: Sendable, Equatable {
  /// Powers of ten from the first to the rarest of all answers.
  private let decades: Double

  /// - Parameter count: How many answers there are; the slowest of them is at the right end.
  init(count: Int) { decades = Double.log10(Double(max(2, count))) }

  func position(of percent: Double) -> Double { -Double.log10(1 - percent / 100) / decades }

  func percent(at position: Double) -> Double { 100 * (1 - Double.pow(10, -position * decades)) }

  /// Where the slowest of so many answers stands.
  func position(ofRarest count: Int) -> Double { Double.log10(Double(max(1, count))) / decades }

  /// The percentiles that people speak of, and the slowest answer.
  var marks: [Plot.Mark] {
    let marks = [(50.0, "50 %"), (90, "90 %"), (99, "99 %"), (99.9, "99.9 %"), (99.99, "99.99 %")]
      .map { Plot.Mark(position: position(of: $0.0), label: $0.1) }
      // What is too near to the right end would run into the label there.
      .filter { $0.position < 0.78 }
    return marks + [.init(position: 1, label: "slowest")]
  }
}
