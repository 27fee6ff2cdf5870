import CMicroHTTPD
import Synchronization

/// A connection that has left HTTP.
///
/// Its owner reads and writes the socket and must finally call ``close()``.
///
/// libmicrohttpd no longer applies a timeout to it but still counts it as a connection.
public final class UpgradedConnection: Sendable {
  /// The non-blocking socket.
  ///
  /// Close it only with ``close()``.
  public let socket: Int32
  /// Bytes that the client sent right after its request: the first bytes of the new protocol.
  public let earlyBytes: [UInt8]
  /// The client's address.
  ///
  /// See ``Request/peerAddress``.
  public let peerAddress: String?

  /// What an open connection needs.
  private struct Link {
    /// The address of libmicrohttpd's upgrade handle.
    var handle: UInt
    var connection: Connection
    var service: Service
  }

  /// `nil` after ``close()`` and ``abandon()``.
  ///
  /// The service has the handler, which may have this object, so a closed connection must not keep the service alive.
  private let link: Mutex<Link?>

  init(
    _ connection: Connection, _ handle: OpaquePointer, peerAddress: String?, earlyBytes: [UInt8],
    _ service: Service
  ) {
    self.peerAddress = peerAddress
    self.earlyBytes = earlyBytes
    socket = connection.socket
    link = Mutex(
      Link(handle: UInt(bitPattern: handle), connection: connection, service: service))
  }

  /// Returns the connection to libmicrohttpd, which closes it.
  ///
  /// Afterwards the kernel may reuse the descriptor.
  ///
  /// Only the first call has an effect. See MHD_upgrade_action().
  public func close() {
    let closed = link.withLock { link -> Link? in
      guard let closed = link.take() else { return nil }
      // Under the lock, which no callback takes: when ``abandon()`` has acquired it, this thread has left
      // libmicrohttpd.
      unsafe cmhd_close_upgraded(OpaquePointer(bitPattern: closed.handle))
      return closed
    }
    closed?.service.upgrades.remove(self)
  }

  /// Shuts down the socket, which the owner sees as an end of stream.
  func end() {
    guard let link = link.withLock({ $0 }) else { return }
    link.service.connections.end(link.connection)
  }

  /// Forgets the handle when the daemon stops and closes the connection itself.
  func abandon() {
    let forgotten = link.withLock { $0.take() }
    // Released after the lock: the service may be the last owner of the handler, and thereby of this object.
    _ = consume forgotten
  }
}

/// The upgraded connections.
final class UpgradeTable: Sendable {
  private struct State {
    var open: [ObjectIdentifier: UpgradedConnection] = [:]
    var isClosed = false
  }

  private let state = Mutex(State())

  var count: Int { state.withLock { $0.open.count } }

  /// - Returns: False after ``close()`` or ``abandon()``.
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

  /// Rejects new connections and shuts down the present ones.
  ///
  /// Each stays until its owner has closed it.
  ///
  /// - Returns: The number of connections.
  @discardableResult
  func close() -> Int {
    let open = state.withLock { state in
      state.isClosed = true
      return Array(state.open.values)
    }
    for connection in open { connection.end() }
    return open.count
  }

  /// Rejects new connections and forgets the present ones.
  ///
  /// When this returns, a close in progress has left libmicrohttpd; later closes do nothing.
  func abandon() {
    let open = state.withLock { state in
      state.isClosed = true
      defer { state.open = [:] }
      return Array(state.open.values)
    }
    for connection in open { connection.abandon() }
  }
}
