import Linux
import Logging

/// Records snapshots.
///
/// The sampler does not wait for it: a recorder that lags loses samples.
struct RecordingService: Sendable {
  let recorder: Recorder
  private let snapshots: AsyncStream<Snapshot>
  private let waiting: AsyncStream<Snapshot>.Continuation
  private let logger: Logger

  /// Snapshots that may wait for the recorder; when there are more, the oldest are left out.
  private static let mostWaiting = 16

  /// - Parameter bootID: Of the machine that is sampled.
  init(_ settings: Settings, bootID: String, logger: Logger) {
    self.logger = logger
    recorder = Recorder(
      writer: settings.dataFolder.map {
        HistoryWriter(folder: $0, limit: settings.historyLimit, logger: logger)
      },
      isOn: settings.records, limit: settings.historyLimit, bootID: bootID,
      interval: settings.interval, flushInterval: settings.flushInterval, logger: logger)
    (snapshots, waiting) = AsyncStream.makeStream(
      bufferingPolicy: .bufferingNewest(Self.mostWaiting))
  }

  /// Queues a snapshot; waits for nothing.
  func record(_ snapshot: Snapshot) { waiting.yield(snapshot) }

  /// Records until ``finish(_:within:)``, and then writes what is left.
  func run() async { await recorder.run(snapshots) }

  /// Lets a run come to its end, as far as the disk answers in time.
  func finish(_ run: Task<Void, Never>, within limit: Duration = .seconds(5)) async {
    waiting.finish()
    if await !run.ends(within: limit) {
      logger.warning("the disk does not answer; the newest samples are not in the history")
    }
  }
}
