import Linux
import Synchronization

/// Where clients wait until all of them are there, so that none is measured while others still get ready.
final class StartingLine: Sendable {
  private let clients: Int
  private let arrived = Atomic(0)
  private let moment = Atomic<Int64>(0)

  init(clients: Int) {
    self.clients = clients
  }

  /// The moment of the start on the monotonic clock, in nanoseconds; `nil` while somebody is missing.
  var start: Int64? {
    let moment = moment.load(ordering: .relaxed)
    return moment > 0 ? moment : nil
  }

  /// Blocks a client until all have come; the last of them starts.
  func arrive(unless stop: StopSign) -> Stopwatch {
    if arrived.add(1, ordering: .relaxed).newValue == clients {
      moment.store(Instant.monotonicNow(), ordering: .relaxed)
    }
    return wait(unless: stop)
  }

  /// Blocks somebody who is not one of the clients until they start.
  func wait(unless stop: StopSign) -> Stopwatch {
    while !stop.isUp {
      if let start { return Stopwatch(start: start) }
      Instant.sleep(untilMonotonic: Instant.monotonicNow() + 1_000_000)
    }
    return Stopwatch(start: Instant.monotonicNow())
  }
}

/// Time since a start.
struct Stopwatch: Sendable {
  /// A moment on the monotonic clock, in nanoseconds.
  let start: Int64

  /// Nanoseconds since then.
  var elapsed: Int64 { Instant.monotonicNow() - start }
}
