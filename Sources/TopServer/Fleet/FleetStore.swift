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
  ///   - pause: Time between two writes at least: a fleet that comes back is one change for each of its hosts.
  func run(
    after changes: AsyncStream<Void>, pause: Duration, clock: some Clock<Duration>,
    newest: @Sendable () -> [KnownHost]
  ) async {
    for await _ in changes {
      save(newest())
      try? await clock.sleep(for: pause)
    }
    save(newest())
  }

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

extension KnownHost {
  /// Changes when a former version could not read the file any more.
  private static let version: Int64 = 1

  static func text(of hosts: [KnownHost]) -> [UInt8] {
    JSONValue.object([
      .init("version", .integer(version)), .init("hosts", .array(hosts.map(\.json))),
    ]).encoded() + [0x0A]
  }

  /// - Throws: a ``Failure`` that says where the text is wrong.
  static func list(parsing bytes: [UInt8]) throws(Failure) -> [KnownHost] {
    let json: JSONValue
    do {
      json = try JSONValue(parsing: bytes)
    } catch {
      throw Failure("\(error)")
    }
    guard json["version"]?.integer == version, let elements = json["hosts"]?.elements else {
      throw Failure("this is no list of hosts of version \(version)")
    }
    // One that makes no sense is left out; it comes back by itself when it is real.
    return elements.compactMap { KnownHost($0) }
  }

  private var json: JSONValue {
    .object([
      .init("name", .string(name)), .init("kind", .string(kind.rawValue)),
      .init("address", JSONValue(address) { .string($0) }),
      .init("agent", JSONValue(agent) { .string($0) }), .init("last_seen", .integer(lastSeen)),
    ])
  }

  private init?(_ json: JSONValue) {
    guard let name = json["name"]?.string, (try? HostName.check(name)) != nil,
      let kind = json["kind"]?.string.flatMap(FleetHost.Kind.init), kind != .local,
      let lastSeen = json["last_seen"]?.integer, lastSeen >= 0
    else { return nil }
    self.init(
      name: name, kind: kind, address: json["address"]?.string, agent: json["agent"]?.string,
      lastSeen: lastSeen)
  }
}
