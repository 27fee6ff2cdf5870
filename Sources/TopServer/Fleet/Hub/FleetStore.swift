import Linux
import Logging

/// The file in which the names of the fleet survive a restart, so that a host that does not come back is missed.
actor FleetStore: OwnThreadActor {
  nonisolated let executor = SerialQueueExecutor(label: "fleet-store")
  private var file: StateFile
  private var hasFile = false

  /// - Parameter folder: Made when it is not there.
  init(folder: String, logger: Logger) {
    file = StateFile("fleet.json", in: folder, of: "hosts of the fleet", logger: logger)
  }

  /// The hosts that the run before knew: none when there is no file, or none that can be used.
  func load() -> [KnownHost] {
    let found = file.load { try KnownHost.list(parsing: $0) }
    hasFile = found != nil
    return found ?? []
  }

  /// Writes the newest state after each change, and at the end; a write that fails is tried again.
  ///
  /// - Parameters:
  ///   - changes: One element for one change or more; it ends the work when it ends.
  ///   - pause: Time between two writes at least, since every second brings a change; it is longer for a large fleet.
  func run(
    after changes: AsyncStream<Void>, pause: Duration, clock: some Clock<Duration>,
    newest: @Sendable () -> [KnownHost]
  ) async {
    for await _ in changes {
      var hosts = newest()
      while !save(hosts) {
        // Cancelled: the server ends, and one attempt is left.
        guard (try? await clock.sleep(for: file.pause)) != nil else { break }
        hosts = newest()
      }
      try? await clock.sleep(for: pause + Self.extraPause(for: hosts.count))
    }
    _ = save(newest())
  }

  /// A second for each hundred hosts, up to 50: a fleet of thousands is a megabyte each time.
  static func extraPause(for hosts: Int) -> Duration { .seconds(min(50, hosts / 100)) }

  /// - Returns: Whether the file holds them now.
  private func save(_ hosts: [KnownHost]) -> Bool {
    // Most servers have no fleet.
    guard hasFile || !hosts.isEmpty else { return true }
    guard file.write(KnownHost.text(of: hosts)) else { return false }
    hasFile = true
    return true
  }
}
