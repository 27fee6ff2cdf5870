import Linux
import Logging

/// The file that keeps the names of the fleet across restarts, so that a host that does not return is reported.
actor FleetStore: OwnThreadActor {
  nonisolated let executor = SerialQueueExecutor(label: "fleet-store")
  private var file: StateFile
  private var hasFile = false

  /// - Parameter folder: Created if it does not exist.
  init(folder: String, logger: Logger) {
    file = StateFile("fleet.json", in: folder, of: "hosts of the fleet", logger: logger)
  }

  /// Loads the hosts that the previous run stored; none when there is no usable file.
  func load() -> [KnownHost] {
    let found = file.load { try KnownHost.list(parsing: $0) }
    hasFile = found != nil
    return found ?? []
  }

  /// Writes the newest state after each change and at the end; retries failed writes.
  ///
  /// - Parameters:
  ///   - changes: One element for one or more changes. This returns when the stream ends.
  ///   - pause: The minimum time between two writes, since every second brings a change; it is longer for a large
  ///     fleet.
  func run(
    after changes: AsyncStream<Void>, pause: Duration, clock: some Clock<Duration>,
    newest: @Sendable () -> [KnownHost]
  ) async {
    for await _ in changes {
      var hosts = newest()
      while !save(hosts) {
        // The task was cancelled because the server shuts down: make one last attempt.
        guard (try? await clock.sleep(for: file.pause)) != nil else { break }
        hosts = newest()
      }
      try? await clock.sleep(for: pause + Self.extraPause(for: hosts.count))
    }
    _ = save(newest())
  }

  /// One second per hundred hosts, up to 50: each write of a fleet of thousands is a megabyte.
  static func extraPause(for hosts: Int) -> Duration { .seconds(min(50, hosts / 100)) }

  /// - Returns: Whether the file holds these hosts.
  private func save(_ hosts: [KnownHost]) -> Bool {
    // Most servers have no fleet, and need no file.
    guard hasFile || !hosts.isEmpty else { return true }
    guard file.write(KnownHost.text(of: hosts)) else { return false }
    hasFile = true
    return true
  }
}
