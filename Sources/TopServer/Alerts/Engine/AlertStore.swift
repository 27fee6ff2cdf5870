import Linux
import Logging

/// The file in which alerts survive a restart.
///
/// Its writes wait for a disk, so they have a thread of their own.
actor AlertStore: OwnThreadActor {
  nonisolated let executor = SerialQueueExecutor(label: "alert-store")
  private var file: StateFile
  /// What the file holds.
  private var stored = AlertMemory()

  /// - Parameter folder: Made when it is not there.
  init(folder: String, logger: Logger) {
    file = StateFile("alerts.json", in: folder, of: "alerts", logger: logger)
  }

  /// What the run before has left: nothing when there is no file, or none that can be used.
  func load(at now: Instant) -> AlertMemory {
    stored = file.load { try AlertMemoryText.parse($0, at: now) } ?? AlertMemory()
    return stored
  }

  /// Writes the newest state after each change, and at the end; a write that fails is tried again.
  ///
  /// - Parameters:
  ///   - changes: One element for one change or more; it ends the work when it ends.
  ///   - newest: The state as it is now.
  func run(
    after changes: AsyncStream<Void>, clock: some Clock<Duration>,
    newest: @Sendable () -> AlertMemory
  ) async {
    for await _ in changes {
      while !save(newest()) {
        // Cancelled: the server ends, and one attempt is left.
        guard (try? await clock.sleep(for: file.pause)) != nil else { break }
      }
    }
    _ = save(newest())
  }

  /// - Returns: Whether the file holds it now.
  private func save(_ memory: AlertMemory) -> Bool {
    guard memory != stored || file.isGone else { return true }
    guard file.write(AlertMemoryText.make(memory)) else { return false }
    stored = memory
    return true
  }
}
