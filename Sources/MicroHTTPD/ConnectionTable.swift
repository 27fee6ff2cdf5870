import Glibc
import Synchronization

/// The open connections, so that those which overstay can be ended.
///
/// libmicrohttpd's own time-out counts silence only: a client that sends one byte a second would stay for ever.
final class ConnectionTable: Sendable {
  private struct State {
    var connections: [ObjectIdentifier: Connection] = [:]
    /// Of the connections that are closed.
    var pastRequests = 0
  }

  private let state = Mutex(State())

  var count: Int { state.withLock { $0.connections.count } }

  /// Requests on all connections that were ever open.
  var requestCount: Int {
    state.withLock { state in
      state.connections.values.reduce(state.pastRequests) { $0 + $1.requestCount }
    }
  }

  /// Whether a request is under way on any of them.
  var isAnyBusy: Bool { state.withLock { $0.connections.values.contains { $0.isBusy } } }

  func add(_ connection: Connection) {
    state.withLock { $0.connections[ObjectIdentifier(connection)] = connection }
  }

  func remove(_ connection: Connection) {
    state.withLock { state in
      guard state.connections.removeValue(forKey: ObjectIdentifier(connection)) != nil else {
        return
      }
      state.pastRequests += connection.requestCount
    }
  }

  /// Shuts the sockets of the overdue down; libmicrohttpd then sees their end and closes them.
  ///
  /// The lock is held meanwhile, and ``remove(_:)`` takes it before libmicrohttpd closes a socket: so a number that the
  /// kernel has given to another file is never shut down.
  func endOverdue(at now: Int64) {
    state.withLock { state in
      for connection in state.connections.values where connection.isOverdue(at: now) {
        _ = shutdown(connection.socket, Int32(SHUT_RDWR))
      }
    }
  }

  /// Shuts one socket down, unless it was closed meanwhile.
  func end(_ connection: Connection) {
    state.withLock { state in
      guard state.connections[ObjectIdentifier(connection)] != nil else { return }
      _ = shutdown(connection.socket, Int32(SHUT_RDWR))
    }
  }
}
