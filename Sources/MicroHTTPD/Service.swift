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
  let handler: Handler
  let isDraining = Atomic(false)
  private let arrivalTime: Int64
  private let answerTime: Int64

  init(configuration: DaemonConfiguration, handler: @escaping Handler) {
    self.configuration = configuration
    self.handler = handler
    answerTime = configuration.answerTimeout.nanoseconds
    arrivalTime = configuration.headerTimeout.nanoseconds
  }

  // MARK: - Connections

  func makeConnection(socket: Int32) -> Connection {
    let deadline = Instant.monotonicCoarse() + arrivalTime
    let connection = Connection(socket: socket, deadline: deadline)
    connections.add(connection)
    return connection
  }

  /// After an answer the client may stay silent for the idle time before its next request begins to arrive.
  ///
  /// For a connection that has left HTTP this is called with a lock of libmicrohttpd's held.
  func finishExchange(on connection: Connection) {
    guard connection.phase != .upgraded else { return }
    connection.endExchange()
    // The client went away meanwhile: nobody is left for the reply.
    if connection.phase == .deferred { _ = takeDeferred(from: connection) }
    connection.phase = .waiting
    let idle = Int64(configuration.idleTimeout) * 1_000_000_000
    connection.setDeadline(Instant.monotonicCoarse() + idle + arrivalTime)
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
    }
    if let length = fields.contentLength, length > configuration.bodyLimit {
      return .bodyTooLarge(limit: configuration.bodyLimit)
    }
    return nil
  }

  /// Counts bytes of a body that nobody reads; false once there are too many.
  func discard(_ count: Int, on connection: Connection) -> Bool {
    connection.bodyBytes += count
    return connection.bodyBytes <= configuration.bodyLimit
  }

  /// The last call for a request: its answer.
  func answer(_ connection: Connection, _ request: borrowing Request) -> Reply {
    connection.phase = .answered
    connection.setDeadline(Instant.monotonicCoarse() + answerTime)
    let reply = handler(request)
    return isDraining.load(ordering: .relaxed) ? reply.closing() : reply
  }

  // MARK: - Later replies

  /// Begins the work on a later reply.
  ///
  /// - Parameter handle: Is suspended already, so that it can be resumed at any moment from now on.
  func begin(_ reply: Reply, on connection: Connection, suspended handle: OpaquePointer) {
    // However long it takes, it is not the client that is slow.
    connection.setDeadline(.max)
    connection.phase = .deferred
    let deferral = unsafe Deferral(suspended: handle)
    connection.deferral = deferral
    guard deferrals.add(deferral) else { return deferral.end() }
    deferral.start(reply)
  }

  /// The call after a later reply's connection was resumed: what the work came to.
  func answerDeferred(_ connection: Connection) -> Reply {
    connection.phase = .answered
    connection.setDeadline(Instant.monotonicCoarse() + answerTime)
    guard let reply = takeDeferred(from: connection) else {
      return Reply(configuration.refuse(.stopping)).closing()
    }
    return isDraining.load(ordering: .relaxed) ? reply.closing() : reply
  }

  private func takeDeferred(from connection: Connection) -> Reply? {
    guard let deferral = connection.deferral.take() else { return nil }
    deferrals.remove(deferral)
    return deferral.reply
  }

  // MARK: - Event streams

  /// Lets a client read a stream; `nil` when the server is about to stop.
  func open(_ stream: EventStream, on connection: Connection, _ handle: OpaquePointer)
    -> EventReader?
  {
    let reader = unsafe EventReader(stream, to: handle, of: connection, self)
    guard streams.add(reader) else {
      reader.finish()
      return nil
    }
    // A stream has no end that could be overdue; a client that does not take it is dropped by the broadcaster.
    connection.setDeadline(.max)
    return reader
  }

  // MARK: - Upgrades

  /// The 101 is sent: whoever asked for the connection gets it.
  ///
  /// - Parameter handle: What it is given back by.
  func takeOver(
    _ connection: Connection, _ handle: OpaquePointer, peerAddress: String?, earlyBytes: [UInt8]
  ) {
    let upgrade = connection.upgrade.take()
    connection.phase = .upgraded
    // What is silence and what is too slow is for the other protocol to say.
    connection.setDeadline(.max)
    let upgraded = unsafe UpgradedConnection(
      connection, handle, peerAddress: peerAddress, earlyBytes: earlyBytes, self)
    let isIn = upgrades.add(upgraded)
    // After that, so that a drain sees it in one place or the other.
    connection.endExchange()
    guard isIn, let upgrade else { return upgraded.close() }
    upgrade.takeOver(upgraded)
  }
}
