import Linux
import Logging
import ProcFS

/// Takes a sample each interval and publishes the resulting snapshot.
actor Sampler: OwnThreadActor {
  nonisolated let executor = SerialQueueExecutor(label: "sampler")
  private var source: any SampleSource
  private var window: Window
  /// `nil` if nothing shows who is behind a process.
  private let identities: IdentityWatch?
  private let logger: Logger
  private var wasSkipping = false
  private var wasFailing = false
  /// Samples that were due and not taken.
  private var skippedTotal = 0

  init(
    source: any SampleSource, window: Window, identities: IdentityWatch? = nil, logger: Logger
  ) {
    self.source = source
    self.window = window
    self.identities = identities
    self.logger = logger
  }

  /// Sweeps until the task is cancelled.
  ///
  /// It blocks its own thread only.
  ///
  /// - Parameter publish: Receives each snapshot on the sampler's thread. It must return quickly, since it delays the
  ///   next sample.
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
        // A failed sweep serves no moment, so the next one reports its delay and the skipped samples.
        schedule.serve(at: begin)
        publish(snapshot)
        if wasFailing { logger.notice("sampling works again") }
        wasFailing = false
      } catch {
        // The last snapshot stays published, and /readyz reports its age. Log the first failure only.
        if !wasFailing { logger.error("cannot sample: \(error)") }
        wasFailing = true
      }
    }
  }

  /// Takes one sample and computes its snapshot.
  ///
  /// - Parameters:
  ///   - lag: The delay of the sample in seconds.
  ///   - skipped: The number of samples skipped before it.
  func sweep(lag: Double = 0, skipped: Int = 0) throws -> Snapshot {
    let begin = Instant.monotonicNow()
    let sample = try source.sample()
    // New processes are read while the snapshot is computed.
    identities?.follow(sample.sweep)
    var snapshot = window.add(sample)
    identities?.use { snapshot.add($0) }
    snapshot.sweepCost.duration = Double(Instant.monotonicNow() - begin) / 1e9
    skippedTotal += skipped
    snapshot.sweepCost.lag = lag
    snapshot.sweepCost.skippedTotal = skippedTotal
    report(snapshot)
    return snapshot
  }

  /// Logs when the first process becomes unreadable, and when all are readable again.
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
