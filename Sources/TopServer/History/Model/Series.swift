/// A number that is recorded over time, under its path in /system, for example `cpu.busy_percent`.
struct Series: Sendable, Hashable {
  var name: String
  /// The number is kept as a whole multiple of one part in this many: 100 keeps two decimals.
  var scale: Double

  /// A percentage or a rate with the two decimals that it has in /system.
  static func decimal(_ name: String) -> Series { Series(name: name, scale: 100) }

  /// A count.
  static func whole(_ name: String) -> Series { Series(name: name, scale: 1) }

  /// Seconds, to the ten-thousandth.
  static func time(_ name: String) -> Series { Series(name: name, scale: 10_000) }

  /// Bytes, to the KiB that /proc counts in.
  static func bytes(_ name: String) -> Series { Series(name: name, scale: 1.0 / 1024) }

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
