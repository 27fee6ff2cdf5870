import Linux
import Synchronization

/// Blocks clients until all are ready, so that the measurement does not include the start of others.
final class StartingLine: Sendable {
  private let clients: Int
  private let arrived = Atomic(0)
  private let moment = Atomic<Int64>(0)

  init(clients: Int) {
    self.clients = clients
  }

  /// The start time in nanoseconds on `CLOCK_MONOTONIC`; `nil` while a client is missing.
  var start: Int64? {
    let moment = moment.load(ordering: .relaxed)
    return moment > 0 ? moment : nil
  }

  /// Blocks a client until all have arrived.
  ///
  /// The last one starts the run.
  func arrive(unless stop: StopSign) -> Stopwatch {
    if arrived.add(1, ordering: .relaxed).newValue == clients {
      moment.store(Instant.monotonicNow(), ordering: .relaxed)
    }
    return wait(unless: stop)
  }

  /// Blocks a thread that is not a client until the clients start.
  func wait(unless stop: StopSign) -> Stopwatch {
    while !stop.isUp {
      if let start { return Stopwatch(start: start) }
      Instant.sleep(untilMonotonic: Instant.monotonicNow() + 1_000_000)
    }
    return Stopwatch(start: Instant.monotonicNow())
  }
}

/// Measures the time since a start.
struct Stopwatch: Sendable {
  /// Nanoseconds on `CLOCK_MONOTONIC`.
  let start: Int64

  /// The nanoseconds since the start.
  var elapsed: Int64 { Instant.monotonicNow() - start }
}
