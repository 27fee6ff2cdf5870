/// One sample of another host, as far as it is recorded, in little memory: there may be thousands of hosts.
struct FleetPoint: Sendable {
  /// Milliseconds since the epoch, by the clock of that host.
  let time: Int64
  /// Milliseconds that were measured; 0 when nobody said so.
  let elapsed: Int32
  /// By the number of ``FleetSeries``, as they are kept: as many as there are.
  private let values: InlineArray<8, Int32>

  private static let none = Int32.min

  /// - Parameters:
  ///   - time: Milliseconds since the epoch.
  ///   - interval: Seconds since the sample before.
  ///   - value: The number of a series, in the unit of its name; `nil` when it is not known.
  init(time: Int64, interval: Double?, _ value: (FleetSeries) -> Double?) {
    self.time = time
    // To the hundredth of a second: finer is noise, and would take a byte of each point.
    let hundredths = ((interval ?? 0) * 100).rounded()
    elapsed = Int32(min(max(hundredths.isFinite ? hundredths : 0, 0), 1e8)) * 10
    values = InlineArray { index in
      let kind = FleetSeries.allCases[index]
      guard let kept = value(kind).flatMap(kind.series.quantized) else { return Self.none }
      return max(Int32(clamping: kept), Self.none + 1)
    }
  }

  /// The number as it is kept; `nil` where there was none.
  subscript(kind: FleetSeries) -> Int64? {
    let value = values[Int(kind.number) - 1]
    return value == Self.none ? nil : Int64(value)
  }
}
