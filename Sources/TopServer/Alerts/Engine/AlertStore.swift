import Linux
import Logging

/// The file that keeps alerts across restarts.
///
/// It runs on its own thread, since its writes may block on a disk.
actor AlertStore: OwnThreadActor {
  nonisolated let executor = SerialQueueExecutor(label: "alert-store")
  private var file: StateFile
  /// The content of the file.
  private var stored = AlertMemory()

  /// - Parameter folder: Created if it does not exist.
  init(folder: String, logger: Logger) {
    file = StateFile("alerts.json", in: folder, of: "alerts", logger: logger)
  }

  /// Loads the state that the previous run stored; empty when there is no usable file.
  func load(at now: Instant) -> AlertMemory {
    stored = file.load { try AlertMemoryText.parse($0, at: now) } ?? AlertMemory()
    return stored
  }

  /// Writes the newest state after each change and at the end; retries failed writes.
  ///
  /// - Parameters:
  ///   - changes: One element for one or more changes. This returns when the stream ends.
  ///   - newest: Returns the current state.
  func run(
    after changes: AsyncStream<Void>, clock: some Clock<Duration>,
    newest: @Sendable () -> AlertMemory
  ) async {
    for await _ in changes {
      while !save(newest()) {
        // The task was cancelled because the server shuts down: make one last attempt.
        guard (try? await clock.sleep(for: file.pause)) != nil else { break }
      }
    }
    _ = save(newest())
  }

  /// - Returns: Whether the file holds this state.
  private func save(_ memory: AlertMemory) -> Bool {
    guard memory != stored || file.isGone else { return true }
    guard file.write(AlertMemoryText.make(memory)) else { return false }
    stored = memory
    return true
  }
}
