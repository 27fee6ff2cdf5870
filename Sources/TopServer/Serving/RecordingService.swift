import Linux
import Logging

/// Records snapshots in the history.
///
/// The sampler does not wait for the recorder. A recorder that falls behind loses samples.
struct RecordingService: Sendable {
  let recorder: Recorder
  private let snapshots: AsyncStream<Snapshot>
  private let waiting: AsyncStream<Snapshot>.Continuation
  private let logger: Logger

  /// The maximum number of snapshots that may wait for the recorder.
  ///
  /// When there are more, the oldest are dropped.
  private static let mostWaiting = 16

  /// - Parameter bootID: The boot ID of the sampled machine.
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

  /// Queues a snapshot.
  ///
  /// Never blocks.
  func record(_ snapshot: Snapshot) { waiting.yield(snapshot) }

  /// Records until ``finish(_:within:)`` is called, then writes the snapshots still waiting.
  func run() async { await recorder.run(snapshots) }

  /// Waits until a run has written everything, or until the time limit has passed.
  func finish(_ run: Task<Void, Never>, within limit: Duration = .seconds(5)) async {
    waiting.finish()
    if await !run.ends(within: limit) {
      logger.warning("the disk does not answer; the newest samples are not in the history")
    }
  }
}
