/// A number that is recorded over time, under its path in /system, for example `cpu.busy_percent`.
///
/// ``Measures`` defines which series exist.
struct Series: Sendable, Hashable {
  var name: String
  /// The number is kept as a whole multiple of one part in this many: 100 keeps two decimals.
  var scale: Double

  /// The number as it is kept; far beyond what a kernel counts, it is cut.
  func quantized(_ value: Double) -> Int64? {
    let scaled = (value * scale).rounded()
    guard scaled.isFinite else { return nil }
    return Int64(min(max(scaled, -1e15), 1e15))
  }

  /// The number that was kept, or a mean of several, with as many decimals as it was kept with, and two at least.
  func shown(_ quantized: Double) -> Double {
    value(quantized).rounded(places: scale > 1000 ? 4 : 2)
  }

  /// The number that was kept.
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
