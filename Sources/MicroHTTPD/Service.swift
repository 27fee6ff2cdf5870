import Linux
import Synchronization

/// What the callbacks work on: the rules, the handler, the connections and the counters of one daemon.
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
  /// Whether a task looks after the clients that wait.
  let isWatching = Atomic(false)

  /// - Throws: When the process may not open more files.
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

  /// Whether a new connection is accepted: also one too many, as long as there are spare places to tell it why.
  func accepts(_ address: AddressKey) -> Bool {
    // Before the look at the flag, so that the stop sees one of the two.
    connecting.add(1, ordering: .sequentiallyConsistent)
    let isAccepted = !isDraining.load(ordering: .sequentiallyConsistent) && hasRoom(for: address)
    if !isAccepted { connecting.subtract(1, ordering: .relaxed) }
    return isAccepted
  }

  /// Whether a connection was accepted that is not in the table yet.
  var isConnecting: Bool { connecting.load(ordering: .sequentiallyConsistent) > 0 }

  private func hasRoom(for address: AddressKey) -> Bool {
    let counts = connections.counts(of: address)
    // The places of one address are few, so that others find some.
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

  /// - Parameter worker: The thread that calls.
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

  /// Ends idle connections for those that come.
  private func makeRoom() {
    let now = Instant.monotonicCoarse()
    count(.idle, times: connections.endIdlest(max(16, configuration.connectionLimit / 64), at: now))
  }

  /// After an answer the client may stay silent for the idle time before its next request begins to arrive.
  ///
  /// For a connection that has left HTTP this is called with a lock of libmicrohttpd's held.
  func finishExchange(on connection: Connection) {
    guard connection.phase != .upgraded else { return }
    connection.endExchange()
    if connection.holdsLargeAnswer {
      connection.holdsLargeAnswer = false
      unsent.release(connection)
    }
    // The client went away meanwhile, and the reply is not sent.
    if connection.phase == .deferred { _ = takeDeferred(from: connection) }
    connection.phase = .waiting
    let idle = Int64(configuration.idleTimeout) * 1_000_000_000
    let now = Instant.monotonicCoarse()
    connection.rest(at: now)
    connection.setDeadline(now + idle + arrivalTime)
  }

  /// Ends the clients that take too long to send a request or to take an answer.
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

  /// The first call for a request, before its body: only to turn it away, since an answer queued now ends the
  /// connection.
  ///
  /// - Returns: `nil` when the request may go on.
  func approve(_ connection: Connection, _ fields: RequestGuard, needsHost: Bool) -> Reply? {
    connection.phase = .receiving
    connection.beginExchange()
    // A body has as long to arrive as the headers had.
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

  /// The refusal of a head that leaves libmicrohttpd too little memory for any answer; `nil` when it leaves enough.
  ///
  /// - Parameter size: Bytes of the request line and the headers.
  func headRefusal(_ connection: Connection, size: Int, lines: Int) -> Response? {
    // A record of libmicrohttpd's has 56 bytes on machines of 64 bits, and is rounded up.
    let limit = configuration.mostHeadBytes
    guard size + 64 * lines > limit else { return nil }
    count(.headSize)
    return configuration.refuse(
      .headTooLarge(limit: limit, isTarget: connection.targetSize > limit / 2))
  }

  /// Counts bytes of a body that is not used, and answers 413 when there are too many.
  ///
  /// libmicrohttpd takes no answer in the middle of a body, so we send it. The rest is read within the time for a body,
  /// up to a limit, because closing the connection with unread bytes could lose the answer (RFC 9112 section 9.6).
  ///
  /// - Returns: False when the connection must be closed.
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

  /// Bytes of a body that are read after it was refused.
  private static let mostRefusedBytes = 4 << 20

  /// The last call for a request: its answer.
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

  /// Gives the client the time for one answer from now on.
  func beginSending(on connection: Connection) {
    let now = Instant.monotonicCoarse()
    connection.setDeadline(now + answerTime)
    connection.beginAnswer(at: now)
  }

  // MARK: - Limits

  /// Counts a request that meets a limit.
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

  /// The 101 is sent: the connection goes to its new owner.
  ///
  /// - Parameter handle: What it is given back by.
  func takeOver(
    _ connection: Connection, _ handle: OpaquePointer, peerAddress: String?, earlyBytes: [UInt8]
  ) {
    let upgrade = connection.upgrade.take()
    connection.phase = .upgraded
    // What is silence and what is too slow is for the other protocol to say.
    connection.setDeadline(.max)
    connection.endAnswer()
    let upgraded = unsafe UpgradedConnection(
      connection, handle, peerAddress: peerAddress, earlyBytes: earlyBytes, self)
    let isIn = upgrades.add(upgraded)
    // After that, so that a drain sees it in one place or the other.
    connection.endExchange()
    guard isIn, let upgrade else { return upgraded.close() }
    upgrade.takeOver(upgraded)
  }
}
