import Linux
import CMicroHTTPD
import Glibc
import Synchronization

/// The open connections: it counts them per client and selects those to end.
///
/// libmicrohttpd's timeout measures silence only, so a client that sends one byte a second could stay indefinitely. Its
/// limit per address counts single IPv6 addresses, of which every client has plenty.
final class ConnectionTable: Sendable {
  private struct State {
    var connections: [ObjectIdentifier: Connection] = [:]
    var perAddress: [AddressKey: Int] = [:]
    var streams = 0
    var streamsPerAddress: [AddressKey: Int] = [:]
    var upgrades = 0
    /// The time at which idle connections were last ended to make room.
    var thinnedAt: Int64 = 0
    /// Requests on connections that are now closed.
    var pastRequests = 0

    /// Shuts down a socket unless that was already done.
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

  /// The number of all connections, and of those from one address.
  func counts(of address: AddressKey) -> (all: Int, address: Int) {
    state.withLock { ($0.connections.count, $0.perAddress[address, default: 0]) }
  }

  /// The number of requests on all connections since the start.
  var requestCount: Int {
    state.withLock { state in
      state.connections.values.reduce(state.pastRequests) { $0 + $1.requestCount }
    }
  }

  /// Whether any connection has a request in progress.
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

  /// Counts a connection as a stream.
  ///
  /// Returns the limit that would be exceeded, or `nil`.
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

  /// Counts a connection as upgraded.
  ///
  /// Returns the limit that would be exceeded, or `nil`.
  func beginUpgrade(_ connection: Connection, most: Int) -> DaemonLimit? {
    state.withLock { state in
      guard state.upgrades < most else { return .upgrades }
      state.leave(connection)
      connection.use = .upgrade
      state.upgrades += 1
      return nil
    }
  }

  /// Ends the count as a stream or upgrade.
  ///
  /// The connection may continue with HTTP.
  func endUse(of connection: Connection) {
    state.withLock { $0.leave(connection) }
  }

  // MARK: - Ends

  /// Shuts down the sockets of overdue connections.
  ///
  /// libmicrohttpd then notices the end and closes them.
  ///
  /// The lock is held meanwhile, and ``remove(_:)`` takes it before libmicrohttpd closes a socket. So this never shuts
  /// down a descriptor that the kernel has reused.
  ///
  /// - Returns: How many clients were sending a request, and how many were receiving an answer.
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

  /// Ends clients that receive their answers too slowly.
  ///
  /// This measures the bytes that the client has acknowledged. So an answer that fits the kernel's buffer costs
  /// nothing, and bodies need not be copied to count their bytes.
  ///
  /// - Parameters:
  ///   - rate: The minimum rate in bytes per second.
  ///   - time: The duration of a measurement, in nanoseconds.
  ///   - acknowledged: Returns the bytes that a client has acknowledged, or a negative number if unknown.
  /// - Returns: The number of clients ended.
  @discardableResult
  func endSlowReaders(
    at now: Int64, rate: Int, over time: Int64,
    acknowledged: (Connection) -> Int64 = { cmhd_bytes_acked($0.socket) }
  ) -> Int {
    state.withLock { state in
      var ended = 0
      for connection in state.connections.values where !connection.isEnded {
        // Most answers are complete before this check.
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

  /// Ends the oldest unsent answers if those older than a second hold too many bytes in total.
  ///
  /// - Parameters:
  ///   - size: Bodies of at least this size are ignored: ``UnsentAnswers`` counts them.
  ///   - limit: The largest total in bytes. Each body counts once.
  /// - Returns: The number of connections ended.
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

  /// Ends the connections that have been idle longest, to make room for new ones.
  ///
  /// Runs at most ten times a second.
  ///
  /// - Returns: The number of connections ended.
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

  /// Shuts down one socket, unless libmicrohttpd has closed it.
  ///
  /// - Returns: Whether this call shut it down.
  @discardableResult
  func end(_ connection: Connection) -> Bool {
    state.withLock { state in
      guard state.connections[ObjectIdentifier(connection)] != nil else { return false }
      return state.end(connection)
    }
  }

  /// Shuts down the sockets of all connections that have not left HTTP.
  ///
  /// - Returns: How many are still open.
  func endAll() -> Int {
    state.withLock { state in
      let connections = state.connections.values.filter { $0.use != .upgrade }
      for connection in connections { _ = state.end(connection) }
      return connections.count
    }
  }

  /// The first connection of a worker that satisfies a condition.
  func first(of worker: UInt64, where isWanted: (Connection) -> Bool) -> Connection? {
    state.withLock { state in
      state.connections.values.first { $0.worker == worker && isWanted($0) }
    }
  }
}

extension [AddressKey: Int] {
  /// Subtracts one and removes an entry that becomes zero.
  fileprivate mutating func decrement(_ address: AddressKey) {
    let left = self[address, default: 1] - 1
    self[address] = left > 0 ? left : nil
  }
}
