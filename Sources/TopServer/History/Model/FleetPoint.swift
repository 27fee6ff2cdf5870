/// The recorded part of another host's sample, in little memory since there may be thousands of hosts.
struct FleetPoint: Sendable {
  /// Milliseconds since the epoch, on that host's clock.
  let time: Int64
  /// Measured milliseconds; 0 when unknown.
  let elapsed: Int32
  /// The stored values, by the number of their ``FleetSeries``.
  private let values: InlineArray<12, Int32>

  private static let none = Int32.min

  /// - Parameters:
  ///   - time: Milliseconds since the epoch.
  ///   - interval: Seconds since the previous sample.
  ///   - value: The number of a series in the shown unit; `nil` when it is unknown.
  init(time: Int64, interval: Double?, _ value: (FleetSeries) -> Double?) {
    self.time = time
    elapsed = Self.elapsed(interval)
    values = InlineArray { index in
      let kind = FleetSeries.allCases[index]
      guard let kept = value(kind).flatMap(kind.series.quantized) else { return Self.none }
      return max(Int32(clamping: kept), Self.none + 1)
    }
  }

  /// An interval in milliseconds, rounded to hundredths of a second: finer digits are noise, and would cost a byte per
  /// point.
  static func elapsed(_ interval: Double?) -> Int32 {
    let hundredths = ((interval ?? 0) * 100).rounded()
    return Int32(min(max(hundredths.isFinite ? hundredths : 0, 0), 1e8)) * 10
  }

  /// The stored number; `nil` where there is none.
  subscript(kind: FleetSeries) -> Int64? {
    let value = values[Int(kind.number) - 1]
    return value == Self.none ? nil : Int64(value)
  }
}
