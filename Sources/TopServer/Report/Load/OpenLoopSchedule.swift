/// When one of several clients sends, so that all together keep a rate whatever the answers do.
///
/// Moments are nanoseconds since the start of the run. They depend on nothing that was measured: a response time that is
/// counted from them includes what a request had to wait for the one before it, which is what corrects for coordinated
/// omission.
struct OpenLoopSchedule: Sendable, Equatable {
  private let first: Double
  private let step: Double

  /// - Parameters:
  ///   - rate: Requests a second of all clients together.
  ///   - client: Which of them this is, counted from 0.
  init(rate: Double, client: Int, of clients: Int) {
    first = Double(client) / rate * 1e9
    step = Double(clients) / rate * 1e9
  }

  /// When the request with this number is due, counted from 0.
  func due(_ number: Int) -> Int64 { Int64((first + Double(number) * step).rounded()) }

  /// How many are due before a moment.
  func count(before moment: Int64) -> Int {
    var count = max(0, Int((Double(moment) - first) / step) - 1)
    while due(count) < moment { count += 1 }
    return count
  }
}
