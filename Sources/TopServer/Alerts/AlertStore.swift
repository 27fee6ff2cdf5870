import Linux
import Logging

/// The file in which alerts survive a restart.
///
/// Its writes wait for a disk, so they have a thread of their own.
actor AlertStore: OwnThreadActor {
  nonisolated let executor = SerialQueueExecutor(label: "alert-store")
  private let folder: String
  private var path: String { "\(folder)/alerts.json" }
  private let logger: Logger
  /// What the file holds.
  private var stored = AlertMemory()
  private var wasFailing = false

  /// - Parameter folder: Made when it is not there.
  init(folder: String, logger: Logger) {
    self.folder = folder
    self.logger = logger
  }

  /// What the run before has left: nothing when there is no file, or none that makes sense.
  func load(at now: Instant) -> AlertMemory {
    do {
      stored = try AlertMemoryText.parse(try Files.read(path).bytes, at: now)
    } catch let error as SystemCallError where error.isMissingFile {
      logger.debug("no former alerts: \(error)")
    } catch let error as SystemCallError {
      logger.notice("former alerts are lost: \(error)")
    } catch {
      logger.notice("former alerts are lost: \(path): \(error)")
    }
    return stored
  }

  /// Writes the newest state after each change, and at the end.
  ///
  /// - Parameters:
  ///   - changes: One element for one change or more; it ends the work when it ends.
  ///   - newest: The state as it is now.
  func run(after changes: AsyncStream<Void>, newest: @Sendable () -> AlertMemory) async {
    for await _ in changes { save(newest()) }
    save(newest())
  }

  private func save(_ memory: AlertMemory) {
    guard memory != stored else { return }
    do {
      try Files.createFolders(folder, mode: 0o700)
      try Files.replace(path, with: AlertMemoryText.make(memory))
      stored = memory
      if wasFailing { logger.notice("alerts are stored again") }
      wasFailing = false
    } catch {
      // One line, not one for each change.
      if !wasFailing { logger.error("cannot store alerts: \(error)") }
      wasFailing = true
    }
  }
}
