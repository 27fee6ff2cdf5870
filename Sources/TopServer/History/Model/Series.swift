/// A number that is recorded over time, with its path in /system, for example `cpu.busy_percent`.
///
/// ``Measures`` lists them.
struct Series: Sendable, Hashable {
  var name: String
  /// Stored values are integer multiples of 1/scale: 100 keeps two decimals.
  var scale: Double

  /// Converts a number to its stored form, clamped far beyond any counter of the kernel.
  func quantized(_ value: Double) -> Int64? {
    let scaled = (value * scale).rounded()
    guard scaled.isFinite else { return nil }
    return Int64(min(max(scaled, -1e15), 1e15))
  }

  /// Converts a stored number, or a mean of several, back, rounded to its stored decimals or at least two.
  func shown(_ quantized: Double) -> Double {
    value(quantized).rounded(places: scale > 1000 ? 4 : 2)
  }

  /// Converts a stored number back.
  func value(_ quantized: Double) -> Double { quantized / scale }
}

extension Series {
  /// The series of a measure.
  ///
  /// - Returns: `nil` when it is not recorded.
  init?(_ measure: MeasureDescription) {
    guard let recording = measure.recording else { return nil }
    self.init(name: measure.path, scale: recording.parts)
  }

  /// The series of a measure that the history requires.
  static func known(_ path: String) -> Series {
    guard let series = Measures.at(path).flatMap(Series.init) else {
      preconditionFailure("no measure at \(path) is recorded")
    }
    return series
  }
}
