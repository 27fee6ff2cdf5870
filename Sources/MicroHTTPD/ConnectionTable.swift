import Glibc
import Synchronization

/// The open connections, so that those which overstay can be ended.
///
/// libmicrohttpd's own time-out counts silence only: a client that sends one byte a second would stay for ever.
final class ConnectionTable: Sendable {
  private let open = Mutex<[ObjectIdentifier: Connection]>([:])

  var count: Int { open.withLock { $0.count } }

  func add(_ connection: Connection) {
    open.withLock { $0[ObjectIdentifier(connection)] = connection }
  }

  func remove(_ connection: Connection) {
    _ = open.withLock { $0.removeValue(forKey: ObjectIdentifier(connection)) }
  }

  /// Shuts the sockets of the overdue down; libmicrohttpd then sees their end and closes them.
  ///
  /// The lock is held meanwhile, and ``remove(_:)`` takes it before libmicrohttpd closes a socket: so a number that the
  /// kernel has given to another file is never shut down.
  func endOverdue(at now: Int64) {
    open.withLock { connections in
      for connection in connections.values where connection.isOverdue(at: now) {
        _ = shutdown(connection.socket, Int32(SHUT_RDWR))
      }
    }
  }

  /// Shuts one socket down, unless it was closed meanwhile.
  func end(_ connection: Connection) {
    open.withLock { connections in
      guard connections[ObjectIdentifier(connection)] != nil else { return }
      _ = shutdown(connection.socket, Int32(SHUT_RDWR))
    }
  }
}
