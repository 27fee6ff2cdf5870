/// What counters grew by in a second; one that fell began anew and did not grow.
struct Rate {
  var seconds: Double

  func callAsFunction(_ now: UInt64, _ before: UInt64) -> Double {
    now > before ? Double(now - before) / seconds : 0
  }
}
