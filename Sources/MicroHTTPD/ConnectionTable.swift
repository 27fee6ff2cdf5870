import Linux
import CMicroHTTPD
import Glibc
import Synchronization

/// The open connections: how many each client has, and which of them have to be ended.
///
/// libmicrohttpd's own time-out counts silence only: a client that sends one byte a second would stay for ever. Its own
/// limit of connections per address counts each IPv6 address, of which everybody has enough.
final class ConnectionTable: Sendable {
  private struct State {
    var connections: [ObjectIdentifier: Connection] = [:]
    var perAddress: [AddressKey: Int] = [:]
    var streams = 0
    var streamsPerAddress: [AddressKey: Int] = [:]
    var upgrades = 0
    /// When idle connections were ended last, for others.
    var thinnedAt: Int64 = 0
    /// Of the connections that are closed.
    var pastRequests = 0

    /// Shuts a socket down, once.
    mutating func end(_ connection: Connection) -> Bool {
      guard !connection.isEnded else { return false }
      connection.isEnded = true
      _ = shutdown(connection.socket, Int32(SHUT_RDWR))
      return true
    }

    mutating func leave(_ connection: Connection) {
      switch connection.use {
      case .requests: break
      case .stream:
        streams -= 1
        streamsPerAddress.decrement(connection.address)
      case .upgrade: upgrades -= 1
      }
      connection.use = .requests
    }
  }

  private let state = Mutex(State())

  var count: Int { state.withLock { $0.connections.count } }
  var streamCount: Int { state.withLock { $0.streams } }
  var upgradeCount: Int { state.withLock { $0.upgrades } }

  /// Connections in all, and those of one address.
  func counts(of address: AddressKey) -> (all: Int, address: Int) {
    state.withLock { ($0.connections.count, $0.perAddress[address, default: 0]) }
  }

  /// Requests on all connections that were ever open.
  var requestCount: Int {
    state.withLock { state in
      state.connections.values.reduce(state.pastRequests) { $0 + $1.requestCount }
    }
  }

  /// Whether a request is under way on any of them.
  var isAnyBusy: Bool { state.withLock { $0.connections.values.contains { $0.isBusy } } }

  func add(_ connection: Connection) {
    state.withLock { state in
      state.connections[ObjectIdentifier(connection)] = connection
      state.perAddress[connection.address, default: 0] += 1
    }
  }

  func remove(_ connection: Connection) {
    state.withLock { state in
      guard state.connections.removeValue(forKey: ObjectIdentifier(connection)) != nil else {
        return
      }
      state.perAddress.decrement(connection.address)
      state.leave(connection)
      state.pastRequests += connection.requestCount
    }
  }

  // MARK: - Shares

  /// Makes a stream of a connection; gives the limit that does not allow it.
  func beginStream(_ connection: Connection, most: Int, perAddress: Int) -> DaemonLimit? {
    state.withLock { state in
      guard state.streams < most else { return .streams }
      let own = state.streamsPerAddress[connection.address, default: 0]
      guard own < perAddress else { return .streamsPerAddress }
      state.leave(connection)
      connection.use = .stream
      state.streams += 1
      state.streamsPerAddress[connection.address] = own + 1
      return nil
    }
  }

  /// Lets a connection leave HTTP; gives the limit that does not allow it.
  func beginUpgrade(_ connection: Connection, most: Int) -> DaemonLimit? {
    state.withLock { state in
      guard state.upgrades < most else { return .upgrades }
      state.leave(connection)
      connection.use = .upgrade
      state.upgrades += 1
      return nil
    }
  }

  /// The stream has ended, or the upgrade came to nothing; the connection may go on.
  func endUse(of connection: Connection) {
    state.withLock { $0.leave(connection) }
  }

  // MARK: - Ends

  /// Shuts the sockets of the overdue down; libmicrohttpd then sees their end and closes them.
  ///
  /// The lock is held meanwhile, and ``remove(_:)`` takes it before libmicrohttpd closes a socket: so a number that the
  /// kernel has given to another file is never shut down.
  ///
  /// - Returns: How many were still sending their request, and how many were taking their answer.
  @discardableResult
  func endOverdue(at now: Int64) -> (sending: Int, taking: Int) {
    state.withLock { state in
      var ended = (sending: 0, taking: 0)
      for connection in state.connections.values where connection.isOverdue(at: now) {
        guard state.end(connection) else { continue }
        if connection.sendingSince == nil { ended.sending += 1 } else { ended.taking += 1 }
      }
      return ended
    }
  }

  /// Ends clients that take too few bytes of their answers.
  ///
  /// What a client has acknowledged is measured, be it from our memory or from the kernel's: so an answer costs nothing
  /// that the kernel takes at once, and its bytes are not copied to be counted.
  ///
  /// - Parameters:
  ///   - rate: Bytes a second.
  ///   - time: Nanoseconds over which they are measured.
  ///   - acknowledged: Bytes that a client has acknowledged, or less than 0 when nobody knows.
  /// - Returns: How many there were.
  @discardableResult
  func endSlowReaders(
    at now: Int64, rate: Int, over time: Int64,
    acknowledged: (Connection) -> Int64 = { cmhd_bytes_acked($0.socket) }
  ) -> Int {
    state.withLock { state in
      var ended = 0
      for connection in state.connections.values where !connection.isEnded {
        // Most answers are gone before anybody looks.
        guard let since = connection.sendingSince, now - since >= time / 10 else { continue }
        let bytes = acknowledged(connection)
        guard bytes >= 0 else { continue }
        guard let pace = connection.pace, pace.answer == since else {
          connection.pace = ReadingPace(answer: since, moment: now, acknowledged: bytes)
          continue
        }
        let passed = now - pace.moment
        guard passed >= time else { continue }
        let taken = Double(bytes - pace.acknowledged) / Double(passed) * 1e9
        if taken < Double(rate) {
          if state.end(connection) { ended += 1 }
        } else {
          connection.pace = ReadingPace(answer: since, moment: now, acknowledged: bytes)
        }
      }
      return ended
    }
  }

  /// Ends the answers that wait longest when all that wait for a second or longer hold too many bytes.
  ///
  /// - Parameters:
  ///   - size: What is at least as large is counted elsewhere.
  ///   - limit: Bytes, each body counted once.
  /// - Returns: How many there were.
  @discardableResult
  func endLongestAnswers(at now: Int64, below size: Int, beyond limit: Int) -> Int {
    state.withLock { state in
      var holders: [UInt: (bytes: Int, connections: [Connection])] = [:]
      var oldest: [(since: Int64, body: UInt)] = []
      for connection in state.connections.values where !connection.isEnded {
        guard let since = connection.sendingSince, now - since >= 1_000_000_000 else { continue }
        let (body, count) = connection.sending
        guard count > 0, count < size else { continue }
        holders[body, default: (count, [])].connections.append(connection)
        oldest.append((since, body))
      }
      var total = holders.values.reduce(0) { $0 + $1.bytes }
      guard total > limit else { return 0 }
      var ended = 0
      for (_, body) in oldest.sorted(by: { $0.since < $1.since }) where total > limit {
        guard let holder = holders.removeValue(forKey: body) else { continue }
        for connection in holder.connections where state.end(connection) { ended += 1 }
        total -= holder.bytes
      }
      return ended
    }
  }

  /// Ends the connections that have been idle longest, for others that need their places; ten times a second at most.
  ///
  /// - Returns: How many there were.
  @discardableResult
  func endIdlest(_ most: Int, at now: Int64) -> Int {
    state.withLock { state in
      guard now - state.thinnedAt >= 100_000_000 else { return 0 }
      state.thinnedAt = now
      let idle = state.connections.values
        .filter { $0.use == .requests && !$0.isEnded && $0.isIdle(since: now - 1_000_000_000) }
        .map { (since: $0.idleSince, connection: $0) }
        .sorted { $0.since < $1.since }
      var ended = 0
      for (_, connection) in idle.prefix(most) where state.end(connection) { ended += 1 }
      return ended
    }
  }

  /// Shuts one socket down, unless it was closed meanwhile.
  ///
  /// - Returns: Whether this call has done it.
  @discardableResult
  func end(_ connection: Connection) -> Bool {
    state.withLock { state in
      guard state.connections[ObjectIdentifier(connection)] != nil else { return false }
      return state.end(connection)
    }
  }

  /// Shuts the sockets of all connections down that have not left HTTP.
  ///
  /// - Returns: How many are still open.
  func endAll() -> Int {
    state.withLock { state in
      let connections = state.connections.values.filter { $0.use != .upgrade }
      for connection in connections { _ = state.end(connection) }
      return connections.count
    }
  }

  /// The connection of this thread that is as asked for.
  func first(of worker: UInt64, where isWanted: (Connection) -> Bool) -> Connection? {
    state.withLock { state in
      state.connections.values.first { $0.worker == worker && isWanted($0) }
    }
  }
}

extension [AddressKey: Int] {
  /// One less; an address without any is not kept.
  fileprivate mutating func decrement(_ address: AddressKey) {
    let left = self[address, default: 1] - 1
    self[address] = left > 0 ? left : nil
  }
}
