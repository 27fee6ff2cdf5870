import CMicroHTTPD
import Synchronization

/// A connection that has left HTTP: its owner reads and writes the socket, and gives it back in the end.
///
/// libmicrohttpd applies no time-out to it any more, but counts it among its connections.
public final class UpgradedConnection: Sendable {
  /// Does not block, and is never closed as a file, but by ``close()``.
  public let socket: Int32
  /// What the client sent right after its request: the first bytes of the other protocol.
  public let earlyBytes: [UInt8]
  /// Who it is.
  ///
  /// See ``Request/peerAddress``.
  public let peerAddress: String?

  private let connection: Connection
  private let service: Service
  /// The address of what the connection is given back by; `nil` once it was.
  private let handle: Mutex<UInt?>

  init(
    _ connection: Connection, _ handle: OpaquePointer, peerAddress: String?, earlyBytes: [UInt8],
    _ service: Service
  ) {
    self.connection = connection
    self.service = service
    self.peerAddress = peerAddress
    self.earlyBytes = earlyBytes
    socket = connection.socket
    self.handle = Mutex(UInt(bitPattern: handle))
  }

  /// Gives the connection back, which closes it; from then on the number of its socket may be another file's.
  ///
  /// Only the first call does something. See MHD_upgrade_action().
  public func close() {
    handle.withLock { handle in
      guard let address = handle.take() else { return }
      // Under the lock, which no callback takes: an end of the daemon that waits for it finds libmicrohttpd left.
      unsafe cmhd_close_upgraded(OpaquePointer(bitPattern: address))
    }
    service.upgrades.remove(self)
  }

  /// Lets the owner see the end of the connection.
  func end() { service.connections.end(connection) }

  /// The daemon stops and closes the connection itself.
  func abandon() { handle.withLock { $0 = nil } }
}

/// The connections that have left HTTP, until no more may.
final class UpgradeTable: Sendable {
  private struct State {
    var open: [ObjectIdentifier: UpgradedConnection] = [:]
    var isClosed = false
  }

  private let state = Mutex(State())

  var count: Int { state.withLock { $0.open.count } }

  /// - Returns: False when it is closed.
  func add(_ connection: UpgradedConnection) -> Bool {
    state.withLock { state in
      guard !state.isClosed else { return false }
      state.open[ObjectIdentifier(connection)] = connection
      return true
    }
  }

  func remove(_ connection: UpgradedConnection) {
    state.withLock { state in
      _ = state.open.removeValue(forKey: ObjectIdentifier(connection))
    }
  }

  /// Lets no more in and shuts down those that are there; each stays until its owner has closed it.
  ///
  /// - Returns: How many there were.
  @discardableResult
  func close() -> Int {
    let open = state.withLock { state in
      state.isClosed = true
      return Array(state.open.values)
    }
    for connection in open { connection.end() }
    return open.count
  }

  /// Lets no more in and forgets those that are there.
  ///
  /// A close that is under way has left libmicrohttpd when this returns, and a later one does nothing.
  func abandon() {
    let open = state.withLock { state in
      state.isClosed = true
      defer { state.open = [:] }
      return Array(state.open.values)
    }
    for connection in open { connection.abandon() }
  }
}
