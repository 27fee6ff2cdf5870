import Linux
import Synchronization

/// The state that the callbacks work with: the rules, the handler, the connections and the counters of one daemon.
final class Service: Sendable {
  typealias Handler = @Sendable (borrowing Request) -> Reply

  let configuration: DaemonConfiguration
  let connections = ConnectionTable()
  let deferrals = Suspensions<Deferral>()
  let streams = Suspensions<EventReader>()
  let upgrades = UpgradeTable()
  let unsent: UnsentAnswers
  let ownAnswers: OwnAnswerLoop
  let handler: Handler
  let isDraining = Atomic(false)
  private let connecting = Atomic(0)
  private let answerTime: Int64
  private let arrivalTime: Int64
  private let readingTime: Int64
  /// Whether a task checks the waiting clients.
  let isWatching = Atomic(false)

  /// - Throws: If the process may not open more files.
  init(configuration: DaemonConfiguration, handler: @escaping Handler) throws(SystemCallError) {
    self.configuration = configuration
    self.handler = handler
    unsent = UnsentAnswers(limit: configuration.unsentLimit)
    ownAnswers = try OwnAnswerLoop(readLimit: configuration.bodyLimit)
    answerTime = configuration.answerTimeout.nanoseconds
    arrivalTime = configuration.headerTimeout.nanoseconds
    readingTime = configuration.readingTime.nanoseconds
    configuration.counts.attach { [weak self] in self?.reading ?? DaemonCounts.Reading() }
  }

  private var reading: DaemonCounts.Reading {
    var reading = DaemonCounts.Reading()
    reading.connections = connections.count
    reading.connectionLimit = configuration.connectionLimit
    reading.streams = connections.streamCount
    reading.streamLimit = configuration.mostStreams
    reading.upgrades = connections.upgradeCount
    reading.upgradeLimit = configuration.mostUpgrades
    reading.waitingAnswers = deferrals.count
    reading.unsentBytes = unsent.total
    return reading
  }

  // MARK: - Connections

  /// Whether to accept a new connection.
  ///
  /// Some connections beyond the limits are accepted too, so that their clients can receive a refusal.
  func accepts(_ address: AddressKey) -> Bool {
    // Count before checking the flag: either this sees the flag, or the stop sees the count.
    connecting.add(1, ordering: .sequentiallyConsistent)
    let isAccepted = !isDraining.load(ordering: .sequentiallyConsistent) && hasRoom(for: address)
    if !isAccepted { connecting.subtract(1, ordering: .relaxed) }
    return isAccepted
  }

  /// Whether an accepted connection is not in the table yet.
  var isConnecting: Bool { connecting.load(ordering: .sequentiallyConsistent) > 0 }

  private func hasRoom(for address: AddressKey) -> Bool {
    let counts = connections.counts(of: address)
    // One address gets only few of the spare places, so that some are left for others.
    let spare = configuration.spareConnections
    if counts.all >= configuration.connectionLimit + spare {
      makeRoom()
      count(.connections)
      return false
    }
    if counts.address >= configuration.connectionLimitPerAddress + max(1, spare / 16) {
      count(.connectionsPerAddress)
      return false
    }
    return true
  }

  /// - Parameter worker: The calling thread.
  func makeConnection(socket: Int32, address: AddressKey, handle: UInt, worker: UInt64)
    -> Connection
  {
    let now = Instant.monotonicCoarse()
    let counts = connections.counts(of: address)
    var excess: DaemonLimit?
    if counts.all >= configuration.connectionLimit {
      excess = .connections
      makeRoom()
    } else if counts.address >= configuration.connectionLimitPerAddress {
      excess = .connectionsPerAddress
    }
    let connection = Connection(
      socket: socket, deadline: now + arrivalTime, since: now, address: address, handle: handle,
      worker: worker, excess: excess)
    connections.add(connection)
    connecting.subtract(1, ordering: .sequentiallyConsistent)
    return connection
  }

  /// Ends idle connections, to make room for new ones.
  private func makeRoom() {
    let now = Instant.monotonicCoarse()
    count(.idle, times: connections.endIdlest(max(16, configuration.connectionLimit / 64), at: now))
  }

  /// Handles the end of a request: the client may now stay idle for the idle time before its next request begins.
  ///
  /// For a connection that has left HTTP, libmicrohttpd calls this while it holds one of its locks.
  func finishExchange(on connection: Connection) {
    guard connection.phase != .upgraded else { return }
    connection.endExchange()
    if connection.holdsLargeAnswer {
      connection.holdsLargeAnswer = false
      unsent.release(connection)
    }
    // The client left before the reply was ready, so the reply is not sent.
    if connection.phase == .deferred { _ = takeDeferred(from: connection) }
    connection.phase = .waiting
    let idle = Int64(configuration.idleTimeout) * 1_000_000_000
    let now = Instant.monotonicCoarse()
    connection.rest(at: now)
    connection.setDeadline(now + idle + arrivalTime)
  }

  /// Ends the clients that take too long to send a request or to receive an answer.
  func endSlowClients(at now: Int64) {
    let overdue = connections.endOverdue(at: now)
    count(.slowRequest, times: overdue.sending)
    let slow = connections.endSlowReaders(
      at: now, rate: configuration.readingRate, over: readingTime)
    count(.slowReader, times: overdue.taking + slow)
    let longest = connections.endLongestAnswers(
      at: now, below: UnsentAnswers.threshold,
      beyond: max(0, configuration.unsentLimit - unsent.total))
    count(.unsentBytes, times: longest)
  }

  // MARK: - Requests

  /// Handles the first call for a request, before its body, and refuses the request if necessary.
  ///
  /// It makes no other answer, since an answer that is queued before the body ends the connection.
  ///
  /// - Returns: The refusal; `nil` if the request may continue.
  func approve(_ connection: Connection, _ fields: RequestGuard, needsHost: Bool) -> Reply? {
    connection.phase = .receiving
    connection.beginExchange()
    // The body has the same time limit as the headers.
    connection.setDeadline(Instant.monotonicCoarse() + arrivalTime)
    return refusal(connection, fields, needsHost: needsHost).map { refusal in
      connection.phase = .answered
      return Reply(configuration.refuse(refusal).closing())
    }
  }

  private func refusal(_ connection: Connection, _ fields: RequestGuard, needsHost: Bool)
    -> Refusal?
  {
    if let problem = fields.verdict(needsHost: needsHost) { return .malformed(problem) }
    if let host = fields.host, host != connection.approvedHost {
      guard configuration.allowsHost(host) else { return .hostNotAllowed(host) }
      connection.approvedHost = host
    }
    switch connection.target {
    case .failure(let malformed): return .malformed(malformed.reason)
    case .success(let target):
      if let authority = target.authority, !configuration.allowsHost(authority) {
        return .hostNotAllowed(authority)
      }
      if let excess = connection.excess, !configuration.isVital(target.path) {
        return refusal(excess)
      }
    }
    if let length = fields.contentLength, length > configuration.bodyLimit {
      return .bodyTooLarge(limit: configuration.bodyLimit)
    }
    return nil
  }

  /// The refusal of a head that leaves libmicrohttpd too little memory for an answer; `nil` if it leaves enough.
  ///
  /// - Parameter size: The size of the request line and the headers in bytes.
  func headRefusal(_ connection: Connection, size: Int, lines: Int) -> Response? {
    // libmicrohttpd's record of a header takes 56 bytes on 64-bit machines, rounded up.
    let limit = configuration.mostHeadBytes
    guard size + 64 * lines > limit else { return nil }
    count(.headSize)
    return configuration.refuse(
      .headTooLarge(limit: limit, isTarget: connection.targetSize > limit / 2))
  }

  /// Counts bytes of a body that is not used, and answers 413 if there are too many.
  ///
  /// libmicrohttpd accepts no answer in the middle of a body, so we send it. The rest of the body is read within its
  /// time limit, up to a number of bytes, because closing the connection with unread bytes could lose the answer (RFC
  /// 9112 section 9.6).
  ///
  /// - Returns: False if the connection must be closed.
  func discard(_ count: Int, on connection: Connection, isToHead: Bool) -> Bool {
    connection.bodyBytes += count
    guard connection.bodyBytes > configuration.bodyLimit else { return true }
    if connection.phase != .refused {
      connection.phase = .refused
      let response = configuration.refuse(.bodyTooLarge(limit: configuration.bodyLimit))
      var answer = OwnAnswer(response, status: response.status, toHead: isToHead)
      answer.sendAtOnce(on: StreamSocket(connection.socket))
    }
    return connection.bodyBytes <= configuration.bodyLimit + Self.mostRefusedBytes
  }

  /// The maximum number of bytes of a body that are read after it was refused.
  private static let mostRefusedBytes = 4 << 20

  /// Answers a request, at its last call.
  func answer(_ connection: Connection, _ request: borrowing Request) -> Reply {
    beginAnswer(on: connection)
    let reply = handler(request)
    let isLast = isDraining.load(ordering: .relaxed) || connection.excess != nil
    return isLast ? reply.closing() : reply
  }

  func beginAnswer(on connection: Connection) {
    connection.phase = .answered
    beginSending(on: connection)
  }

  /// Starts the time limit for sending one answer.
  func beginSending(on connection: Connection) {
    let now = Instant.monotonicCoarse()
    connection.setDeadline(now + answerTime)
    connection.beginAnswer(at: now)
  }

  // MARK: - Limits

  /// Counts a request that reached a limit, and returns its refusal.
  func refusal(_ limit: DaemonLimit) -> Refusal {
    count(limit)
    return .tooMany(limit, limit: configuration.number(of: limit))
  }

  func count(_ limit: DaemonLimit) {
    guard let times = configuration.counts.count(limit, at: Instant.monotonicCoarse()) else {
      return
    }
    configuration.note(limit.note(times: times, number: configuration.number(of: limit)))
  }

  func count(_ ending: DaemonEnding, times: Int = 1) {
    let due = configuration.counts.count(ending, times: times, at: Instant.monotonicCoarse())
    if let due { configuration.note(ending.note(times: due)) }
  }

  // MARK: - Upgrades

  /// Passes the connection to its new owner after the 101 was sent.
  ///
  /// - Parameter handle: libmicrohttpd's handle for returning the connection.
  func takeOver(
    _ connection: Connection, _ handle: OpaquePointer, peerAddress: String?, earlyBytes: [UInt8]
  ) {
    let upgrade = connection.upgrade.take()
    connection.phase = .upgraded
    // The other protocol has its own timeouts.
    connection.setDeadline(.max)
    connection.endAnswer()
    let upgraded = unsafe UpgradedConnection(
      connection, handle, peerAddress: peerAddress, earlyBytes: earlyBytes, self)
    let isIn = upgrades.add(upgraded)
    // Do this afterwards, so that a drain always sees the connection, as a request or as an upgrade.
    connection.endExchange()
    guard isIn, let upgrade else { return upgraded.close() }
    upgrade.takeOver(upgraded)
  }
}
