/// The mean of the newest values, weighted by the time that each covers.
struct RunningMean: Sendable, Equatable {
  private struct Part: Equatable {
    /// When the value was taken, in nanoseconds since boot.
    var end: Int64
    /// Nanoseconds before ``end`` that the value covers.
    var length: Int64
    var value: Double
  }

  private var parts: [Part] = []

  /// Adds a value and returns the mean.
  ///
  /// - Parameters:
  ///   - length: Nanoseconds that the value covers.
  ///   - span: Nanoseconds that the mean covers.
  mutating func add(_ value: Double, length: Int64, at now: Int64, span: Int64) -> Double {
    parts.removeAll { $0.end <= now - span }
    parts.append(Part(end: now, length: length, value: value))
    var (sum, weight) = (0.0, 0.0)
    for part in parts {
      // The oldest value may reach back beyond the span.
      let inside = Double(min(part.length, part.end - (now - span)))
      sum += part.value * inside
      weight += inside
    }
    return weight > 0 ? sum / weight : value
  }

  mutating func forget() { parts = [] }
}
