/// The mean of the newest values, each weighed by the time that it stands for.
struct RunningMean: Sendable, Equatable {
  private struct Part: Equatable {
    /// Nanoseconds since boot at which the value was taken.
    var end: Int64
    /// Nanoseconds until then that it stands for.
    var length: Int64
    var value: Double
  }

  private var parts: [Part] = []

  /// Takes a value and gives the mean.
  ///
  /// - Parameters:
  ///   - length: Nanoseconds that the value stands for.
  ///   - span: Nanoseconds that the mean goes back.
  mutating func add(_ value: Double, length: Int64, at now: Int64, span: Int64) -> Double {
    parts.removeAll { $0.end <= now - span }
    parts.append(Part(end: now, length: length, value: value))
    var (sum, weight) = (0.0, 0.0)
    for part in parts {
      // The oldest value may stand for more than what is left of it in the span.
      let inside = Double(min(part.length, part.end - (now - span)))
      sum += part.value * inside
      weight += inside
    }
    return weight > 0 ? sum / weight : value
  }

  mutating func forget() { parts = [] }
}
