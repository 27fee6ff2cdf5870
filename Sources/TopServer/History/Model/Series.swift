/// A number that is recorded over time, named by its path in /system, for example `cpu.busy_percent`.
///
/// ``Measures`` defines which series exist.
struct Series: Sendable, Hashable {
  var name: String
  /// The factor by which a value is multiplied before it is rounded to an integer: 100 keeps two decimals.
  var scale: Double

  /// The stored integer for a value, clamped to a range far beyond what a kernel counts.
  func quantized(_ value: Double) -> Int64? {
    let scaled = (value * scale).rounded()
    guard scaled.isFinite else { return nil }
    return Int64(min(max(scaled, -1e15), 1e15))
  }

  /// The value of a stored integer, or of a mean of several, rounded to the stored decimals, but at least two.
  func shown(_ quantized: Double) -> Double {
    value(quantized).rounded(places: scale > 1000 ? 4 : 2)
  }

  /// The value of a stored integer, or of a mean of several.
  func value(_ quantized: Double) -> Double { quantized / scale }
}

extension Series {
  /// The series of a measure.
  ///
  /// - Returns: `nil` if the measure is not recorded.
  init?(_ measure: MeasureDescription) {
    guard let recording = measure.recording else { return nil }
    self.init(name: measure.path, scale: recording.parts)
  }

  /// The series of a measure that the history itself needs.
  static func known(_ path: String) -> Series {
    guard let series = Measures.at(path).flatMap(Series.init) else {
      preconditionFailure("no measure at \(path) is recorded")
    }
    return series
  }
}
