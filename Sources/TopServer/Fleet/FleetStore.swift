import Jansson
import Linux
import Logging

/// The file in which the names of the fleet survive a restart, so that a host that does not come back is missed.
actor FleetStore: OwnThreadActor {
  nonisolated let executor = SerialQueueExecutor(label: "fleet-store")
  private let folder: String
  private var path: String { "\(folder)/fleet.json" }
  private let logger: Logger
  private var hasFile = false
  private var wasFailing = false

  /// - Parameter folder: Made when it is not there.
  init(folder: String, logger: Logger) {
    self.folder = folder
    self.logger = logger
  }

  /// The hosts that the run before knew: none when there is no file, or none that makes sense.
  func load() -> [KnownHost] {
    do {
      let bytes = try Files.read(path).bytes
      hasFile = true
      return try KnownHost.list(parsing: bytes)
    } catch let error as SystemCallError {
      if !error.isMissingFile { logger.notice("the hosts of the fleet are lost: \(error)") }
    } catch {
      logger.notice("the hosts of the fleet are lost: \(path): \(error)")
    }
    return []
  }

  /// Writes the newest state after each change, and at the end.
  ///
  /// - Parameters:
  ///   - changes: One element for one change or more; it ends the work when it ends.
  ///   - pause: Time between two writes at least, since every second brings a change; it is longer for a large fleet.
  func run(
    after changes: AsyncStream<Void>, pause: Duration, clock: some Clock<Duration>,
    newest: @Sendable () -> [KnownHost]
  ) async {
    for await _ in changes {
      let hosts = newest()
      save(hosts)
      try? await clock.sleep(for: pause + Self.extraPause(for: hosts.count))
    }
    save(newest())
  }

  /// A second for each hundred hosts, up to 50: a fleet of thousands is a megabyte each time.
  static func extraPause(for hosts: Int) -> Duration { .seconds(min(50, hosts / 100)) }

  private func save(_ hosts: [KnownHost]) {
    // Most servers have no fleet.
    guard hasFile || !hosts.isEmpty else { return }
    do {
      try Files.createFolders(folder, mode: 0o700)
      try Files.replace(path, with: KnownHost.text(of: hosts))
      hasFile = true
      if wasFailing { logger.notice("the hosts of the fleet are stored again") }
      wasFailing = false
    } catch {
      // One line, not one for each change.
      if !wasFailing { logger.error("cannot store the hosts of the fleet: \(error)") }
      wasFailing = true
    }
  }
}
