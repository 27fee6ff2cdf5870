public import Linux

/// The server's end of any number of WebSockets, on one thread of its own.
///
/// It gets connections that have been shaken hands with (``ServerHandshake``) and calls its handler. It ends with
/// ``drain(code:reason:within:)``, or at once when nobody holds it any more. See epoll(7) and RFC 6455.
public final class WebSocketLoop: Sendable {
  private let mail: LoopMail
  private let clock: @Sendable () -> Int64

  /// Starts the thread.
  ///
  /// - Parameter handler: Is called on that thread only.
  /// - Throws: When there is no file or no thread left.
  public convenience init(
    limits: WebSocketLimits = WebSocketLimits(), handler: any WebSocketHandler
  )
    throws(SystemCallError)
  {
    try self.init(limits: limits, handler: handler, clock: Instant.monotonicNow)
  }

  /// - Parameter clock: Nanoseconds on the monotonic clock; whoever moves another one calls ``wake()``.
  init(
    limits: WebSocketLimits, handler: any WebSocketHandler,
    clock: @escaping @Sendable () -> Int64
  ) throws(SystemCallError) {
    let mail = try LoopMail(limits)
    let poll = try EventPoll()
    try poll.add(mail.wakeUp.descriptor, as: LoopThread.wakeUpToken, for: .reading)
    try DetachedThread.start(named: "websockets") {
      LoopThread(limits, handler, mail, poll, clock: clock).run()
    }
    self.mail = mail
    self.clock = clock
  }

  deinit {
    mail.post(.drain(code: WebSocketClosure.goingAway, reason: "", until: .min))
  }

  /// Whether one more connection from this address would be taken, to be asked before the handshake.
  public func hasRoom(for address: String) -> Bool { mail.hasRoom(for: address) }

  /// Takes a connection over; from any thread.
  ///
  /// - Parameters:
  ///   - socket: Is connected, and not closed by the loop.
  ///   - earlyBytes: What came with the handshake.
  ///   - peer: The address of the other side.
  ///   - address: What counts for the limit of connections from one address; the same when it is `nil`.
  ///   - release: Is called once, when the loop no longer needs the socket; from any thread. At once when there is no
  ///     room.
  public func adopt(
    socket: Int32, earlyBytes: [UInt8], peer: String, countedAs address: String? = nil,
    release: @escaping @Sendable () -> Void
  ) {
    let address = address ?? peer
    let isIn = mail.adopt(address) { id in
      LoopMail.Newcomer(
        id: id, socket: StreamSocket(socket), earlyBytes: earlyBytes, peer: peer,
        address: address, release: release)
    }
    if !isIn { release() }
  }

  /// Sends a text message; from any thread.
  ///
  /// A connection that has too many of them unread is closed with 1008.
  ///
  /// - Returns: False when the loop cannot keep up, or has ended; not whether the connection still exists.
  @discardableResult
  public func send(_ text: [UInt8], to id: WebSocketID) -> Bool {
    mail.send(text, to: id, limit: 16_384)
  }

  /// Ends a connection with a close frame; from any thread.
  public func close(_ id: WebSocketID, code: UInt16, reason: String) {
    mail.post(.close(id, code: code, reason: reason))
  }

  /// Closes all connections, gives them time to answer that, lets go of those that do not, and ends the thread.
  ///
  /// When it returns, every connection is released.
  public func drain(
    code: UInt16 = 1001, reason: String = "the server stops", within limit: Duration
  ) async {
    mail.post(.drain(code: code, reason: reason, until: clock() + limit.nanoseconds))
    await mail.end()
  }

  /// What has happened so far, a moment ago at most.
  public var statistics: WebSocketStatistics { mail.statistics }

  /// Makes the thread look at the clock.
  func wake() { mail.wakeUp.call() }
}
