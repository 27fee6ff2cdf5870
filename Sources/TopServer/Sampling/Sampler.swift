import Linux
import Logging
import ProcFS

/// Takes a sample each interval and publishes what follows from it.
actor Sampler: OwnThreadActor {
  nonisolated let executor = SerialQueueExecutor(label: "sampler")
  private var source: any SampleSource
  private var window: Window
  private let logger: Logger
  private var wasSkipping = false
  private var wasFailing = false

  init(source: any SampleSource, window: Window, logger: Logger) {
    self.source = source
    self.window = window
    self.logger = logger
  }

  /// Sweeps until it is cancelled.
  ///
  /// Blocks its own thread only.
  ///
  /// - Parameter publish: Takes each snapshot, on the sampler's thread.
  func run<C: Clock>(
    every interval: Duration, clock: C, publish: @Sendable (Snapshot) -> Void
  ) async throws where C.Duration == Duration {
    var schedule = TickSchedule(start: clock.now, interval: interval)
    while true {
      let due = schedule.next(after: clock.now)
      try await clock.sleep(until: due, tolerance: .zero)
      do {
        publish(try sweep(lag: due.duration(to: clock.now) / .seconds(1)))
        if wasFailing { logger.notice("sampling works again") }
        wasFailing = false
      } catch {
        // The last snapshot stays; /readyz tells its age. One line, not one a second.
        if !wasFailing { logger.error("cannot sample: \(error)") }
        wasFailing = true
      }
    }
  }

  /// One sample and what follows from it.
  ///
  /// - Parameter lag: Seconds by which it is late.
  func sweep(lag: Double = 0) throws -> Snapshot {
    let begin = Instant.monotonicNow()
    var snapshot = window.add(try source.sample())
    snapshot.sweepCost.duration = Double(Instant.monotonicNow() - begin) / 1e9
    snapshot.sweepCost.lag = max(0, lag)
    report(snapshot)
    return snapshot
  }

  /// Says when processes or the CPU counters begin to be left out, why, and when that ends.
  private func report(_ snapshot: Snapshot) {
    let skipped = snapshot.skipped
    if let example = skipped.example, !wasSkipping {
      logger.notice("\(skipped.total) processes could not be read, for example \(example)")
    } else if skipped.total == 0 && wasSkipping {
      logger.notice("all processes can be read again")
    }
    wasSkipping = skipped.total > 0
  }
}
