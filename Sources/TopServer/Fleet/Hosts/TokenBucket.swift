/// Limits a rate, and allows bursts.
struct TokenBucket: Sendable, Equatable {
  private let perSecond: Double
  private let capacity: Double
  private var tokens: Double
  /// Nanoseconds on any monotonic clock.
  private var last: Int64

  /// - Parameters:
  ///   - perSecond: The steady rate.
  ///   - burst: The capacity.
  init(perSecond: Double, burst: Double, at now: Int64) {
    self.perSecond = perSecond
    capacity = burst
    tokens = burst
    last = now
  }

  /// Takes a token; returns `false` when there is none.
  mutating func spend(at now: Int64) -> Bool {
    tokens = tokens(at: now)
    last = max(last, now)
    guard tokens >= 1 else { return false }
    tokens -= 1
    return true
  }

  /// Whether a token is available.
  func has(at now: Int64) -> Bool { tokens(at: now) >= 1 }

  /// Whether the bucket is full again.
  func isFull(at now: Int64) -> Bool { tokens(at: now) >= capacity }

  private func tokens(at now: Int64) -> Double {
    min(capacity, tokens + Double(max(0, now - last)) / 1e9 * perSecond)
  }
}
