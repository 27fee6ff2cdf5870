/// The send times of one of several clients, which together keep a fixed rate regardless of the answers.
///
/// Times are nanoseconds since the start of the run. They do not depend on measurements, so a response time that counts
/// from them includes the wait for the previous answer. This corrects for coordinated omission.
struct OpenLoopSchedule: Sendable, Equatable {
  private let first: Double
  private let step: Double

  /// - Parameters:
  ///   - rate: Requests per second of all clients together.
  ///   - client: The index of the client, starting at 0.
  init(rate: Double, client: Int, of clients: Int) {
    first = Double(client) / rate * 1e9
    step = Double(clients) / rate * 1e9
  }

  /// The time at which a request is due.
  ///
  /// Numbers start at 0.
  func due(_ number: Int) -> Int64 { Int64((first + Double(number) * step).rounded()) }

  /// The number of requests due before a time.
  func count(before moment: Int64) -> Int {
    var count = max(0, Int((Double(moment) - first) / step) - 1)
    while due(count) < moment { count += 1 }
    return count
  }
}
