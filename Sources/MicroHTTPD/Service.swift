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
  private let isWatching = Atomic(false)

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

  private func beginAnswer(on connection: Connection) {
    connection.phase = .answered
    beginSending(on: connection)
  }

  /// Gives the client the time for one answer from now on.
  private func beginSending(on connection: Connection) {
    let now = Instant.monotonicCoarse()
    connection.setDeadline(now + answerTime)
    connection.beginAnswer(at: now)
  }

  /// Notes what is about to be sent; the refusal when too much waits for other clients already.
  func send(_ response: Response, on connection: Connection) -> Refusal? {
    connection.send(response.body)
    guard response.body.count >= UnsentAnswers.threshold else { return nil }
    let now = Instant.monotonicCoarse()
    guard let victims = unsent.admit(connection, response.body, at: now) else {
      return refusal(.unsentBytes)
    }
    connection.holdsLargeAnswer = true
    count(.unsentBytes, times: victims.count { connections.end($0) })
    return nil
  }

  /// What we send for a reply that libmicrohttpd cannot send, under the same limits as its own answers.
  ///
  /// Call it while the connection is suspended.
  func ownAnswer(_ reply: Reply, on connection: Connection, isToHead: Bool) -> OwnAnswer {
    beginSending(on: connection)
    guard case .ready(let response, let status) = reply else {
      let problem = Refusal.malformed("this answer needs a connection that is open")
      return ownRefusal(problem, on: connection, isToHead: isToHead)
    }
    let answer = OwnAnswer(response, status: status, toHead: isToHead)
    guard answer.hasBody, let refusal = send(response, on: connection) else { return answer }
    return ownRefusal(refusal, on: connection, isToHead: isToHead)
  }

  private func ownRefusal(_ refusal: Refusal, on connection: Connection, isToHead: Bool)
    -> OwnAnswer
  {
    let response = configuration.refuse(refusal)
    connection.send(response.body)
    return OwnAnswer(response, status: response.status, toHead: isToHead)
  }

  // MARK: - Limits

  /// Counts a request that meets a limit.
  func refusal(_ limit: DaemonLimit) -> Refusal {
    count(limit)
    return .tooMany(limit, limit: configuration.number(of: limit))
  }

  private func count(_ limit: DaemonLimit) {
    guard let times = configuration.counts.count(limit, at: Instant.monotonicCoarse()) else {
      return
    }
    configuration.note(limit.note(times: times, number: configuration.number(of: limit)))
  }

  private func count(_ ending: DaemonEnding, times: Int = 1) {
    let due = configuration.counts.count(ending, times: times, at: Instant.monotonicCoarse())
    if let due { configuration.note(ending.note(times: due)) }
  }

  // MARK: - Later replies

  /// The limit that does not allow one more later reply to this client.
  func waitingLimit(for address: AddressKey) -> DaemonLimit? {
    guard exceededWaitingLimit(for: address) != nil else { return nil }
    // Those that have left make room.
    lookAfterWaitingClients()
    return exceededWaitingLimit(for: address)
  }

  private func exceededWaitingLimit(for address: AddressKey) -> DaemonLimit? {
    let waiting = deferrals.all.filter(\.holdsPlace)
    if waiting.count >= configuration.waitingLimit { return .waitingAnswers }
    let own = waiting.count { $0.address == address }
    return own >= configuration.waitingLimitPerAddress ? .waitingAnswersPerAddress : nil
  }

  /// Begins the work on a later reply.
  ///
  /// - Parameters:
  ///   - handle: Is suspended already, so that it can be resumed at any moment from now on.
  ///   - isSentByUs: True when libmicrohttpd could not send the reply.
  func begin(
    _ reply: Reply, on connection: Connection, suspended handle: OpaquePointer, isToHead: Bool,
    isSentByUs: Bool = false
  ) {
    // However long it takes, it is not the client that is slow.
    connection.setDeadline(.max)
    connection.endAnswer()
    connection.phase = .deferred
    let deferral = unsafe Deferral(
      suspended: handle, of: connection, self, isToHead: isToHead, isSentByUs: isSentByUs)
    connection.deferral = deferral
    guard deferrals.add(deferral) else { return deferral.end() }
    if deferral.client != .connected { lookAfterWaitingClients() }
    deferral.start(reply)
    watchWaitingClients()
  }

  /// The call after a later reply's connection was resumed: what the work came to.
  func answerDeferred(_ connection: Connection) -> Reply {
    beginAnswer(on: connection)
    switch takeDeferred(from: connection) {
    case .reply(let reply):
      let isLast = isDraining.load(ordering: .relaxed) || connection.excess != nil
      return isLast ? reply.closing() : reply
    case .over: return Reply(configuration.refuse(.clientLeft)).closing()
    case .stopping, nil: return Reply(configuration.refuse(.stopping)).closing()
    }
  }

  private func takeDeferred(from connection: Connection) -> Deferral.Outcome? {
    guard let deferral = connection.deferral.take() else { return nil }
    deferrals.remove(deferral)
    return deferral.outcome
  }

  // MARK: - Clients that wait

  /// Cancels the work for clients that have left.
  ///
  /// libmicrohttpd does not look at a suspended connection. A client that has closed its sending side may be gone or may
  /// still read: both look the same until something is sent (RFC 9112 section 9.6). So a limited number of them, in all
  /// and for each address, are answered, and count until their answers are sent; the others get a refusal.
  func lookAfterWaitingClients() {
    var halfClosed = 0
    var halfClosedPerAddress: [AddressKey: Int] = [:]
    var left = 0
    for deferral in deferrals.all.sorted(by: { $0.number < $1.number }) {
      switch deferral.client {
      case .connected, .unknown: continue
      case .broken:
        deferral.abandon()
        left += 1
      case .halfClosed:
        let own = halfClosedPerAddress[deferral.address, default: 0]
        let isWithinLimits =
          halfClosed < configuration.halfClosedLimit
          && own < configuration.halfClosedLimitPerAddress
        if !isWithinLimits, deferral.giveUp(configuration.refuse(.clientLeft)) {
          left += 1
          continue
        }
        halfClosed += 1
        halfClosedPerAddress[deferral.address] = own + 1
      }
    }
    count(.clientLeft, times: left)
  }

  /// Looks after them ten times a second for as long as there are any.
  private func watchWaitingClients() {
    guard !isWatching.exchange(true, ordering: .acquiringAndReleasing) else { return }
    Task {
      while true {
        try? await configuration.clock.sleep(for: .milliseconds(100))
        lookAfterWaitingClients()
        guard deferrals.count == 0 else { continue }
        isWatching.store(false, ordering: .sequentiallyConsistent)
        // One may have come in between.
        guard deferrals.count > 0, !isWatching.exchange(true, ordering: .sequentiallyConsistent)
        else { return }
      }
    }
  }

  // MARK: - Event streams

  /// Lets a client read a stream; throws the refusal when there are too many, or the server is about to stop.
  func open(_ stream: EventStream, on connection: Connection, _ handle: OpaquePointer)
    -> Result<EventReader, StreamRefusal>
  {
    let exceeded = connections.beginStream(
      connection, most: configuration.mostStreams,
      perAddress: configuration.mostStreamsPerAddress)
    if let exceeded { return .failure(.init(refusal: refusal(exceeded))) }
    let reader = unsafe EventReader(stream, to: handle, of: connection, self)
    guard streams.add(reader) else {
      reader.finish()
      return .failure(.init(refusal: .stopping))
    }
    // A stream has no end that could be overdue; a client that does not take it is dropped by the broadcaster.
    connection.setDeadline(.max)
    connection.endAnswer()
    return .success(reader)
  }

  struct StreamRefusal: Error { let refusal: Refusal }

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
