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
  /// Samples that were due and were not taken.
  private var skippedTotal = 0

  init(source: any SampleSource, window: Window, logger: Logger) {
    self.source = source
    self.window = window
    self.logger = logger
  }

  /// Sweeps until it is cancelled.
  ///
  /// Blocks its own thread only.
  ///
  /// - Parameter publish: Takes each snapshot, on the sampler's thread, and must not wait or do much: the next sample
  ///   comes after it.
  func run<C: Clock>(
    every interval: Duration, clock: C, publish: @Sendable (Snapshot) -> Void
  ) async throws where C.Duration == Duration {
    var schedule = TickSchedule(start: clock.now, interval: interval)
    while true {
      try await clock.sleep(until: schedule.next(after: clock.now), tolerance: .zero)
      let begin = clock.now
      let delay = schedule.delay(at: begin)
      do {
        let snapshot = try sweep(lag: delay.lag / .seconds(1), skipped: delay.skipped)
        // A sweep that fails serves no moment: the next one says how late it is, and how many were left out.
        schedule.serve(at: begin)
        publish(snapshot)
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
  /// - Parameters:
  ///   - lag: Seconds by which it is late.
  ///   - skipped: Samples that were left out before it.
  func sweep(lag: Double = 0, skipped: Int = 0) throws -> Snapshot {
    let begin = Instant.monotonicNow()
    var snapshot = window.add(try source.sample())
    snapshot.sweepCost.duration = Double(Instant.monotonicNow() - begin) / 1e9
    skippedTotal += skipped
    snapshot.sweepCost.lag = lag
    snapshot.sweepCost.skippedTotal = skippedTotal
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
