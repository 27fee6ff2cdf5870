public import Linux

/// The server side of any number of WebSockets, on one thread.
///
/// It receives connections after the handshake (``ServerHandshake``) and calls its handler. It ends with
/// ``drain(code:reason:within:)``, or at once when it is deallocated. See epoll(7) and RFC 6455.
public final class WebSocketLoop: Sendable {
  private let mail: LoopMail
  private let clock: @Sendable () -> Int64

  /// Starts the thread.
  ///
  /// - Parameter handler: Called only on that thread.
  /// - Throws: If there is no file descriptor or thread left.
  public convenience init(
    limits: WebSocketLimits = WebSocketLimits(), handler: any WebSocketHandler
  )
    throws(SystemCallError)
  {
    try self.init(limits: limits, handler: handler, clock: Instant.monotonicNow)
  }

  /// - Parameter clock: Returns nanoseconds on `CLOCK_MONOTONIC`. A test that moves another clock must call ``wake()``.
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

  /// Whether the limits allow another connection from this address.
  ///
  /// Check before the handshake.
  public func hasRoom(for address: String) -> Bool { mail.hasRoom(for: address) }

  /// Adds a connection to the loop.
  ///
  /// Any thread may call this.
  ///
  /// - Parameters:
  ///   - socket: A connected socket. The loop does not close it.
  ///   - earlyBytes: Bytes received together with the handshake.
  ///   - peer: The address of the peer.
  ///   - address: The key for the limit of connections per address; `nil` means `peer`.
  ///   - release: Called once, on any thread, when the loop no longer needs the socket; at once if a limit is reached.
  public func adopt(
    socket: Int32, earlyBytes: [UInt8], peer: String, countedAs address: String? = nil,
    release: @escaping @Sendable () -> Void
  ) {
    let address = address ?? peer
    let isAdmitted = mail.adopt(address) { id in
      LoopMail.Newcomer(
        id: id, socket: StreamSocket(socket), earlyBytes: earlyBytes, peer: peer,
        address: address, release: release)
    }
    if !isAdmitted { release() }
  }

  /// Sends a text message.
  ///
  /// Any thread may call this.
  ///
  /// A connection with too many unsent messages is closed with 1008.
  ///
  /// - Returns: False if the loop is overloaded or has ended. It does not tell whether the connection still exists.
  @discardableResult
  public func send(_ text: [UInt8], to id: WebSocketID) -> Bool {
    mail.send(text, to: id, limit: 16_384)
  }

  /// Closes a connection with a close frame.
  ///
  /// Any thread may call this.
  public func close(_ id: WebSocketID, code: UInt16, reason: String) {
    mail.post(.close(id, code: code, reason: reason))
  }

  /// Closes all connections, waits for the peers up to the limit, drops the rest, and ends the thread.
  ///
  /// When it returns, all connections are released.
  public func drain(
    code: UInt16 = 1001, reason: String = "the server is stopping", within limit: Duration
  ) async {
    mail.post(.drain(code: code, reason: reason, until: clock() + limit.nanoseconds))
    await mail.end()
  }

  /// The counts so far, at most one wake-up of the thread old.
  public var statistics: WebSocketStatistics { mail.statistics }

  /// Makes the thread check the clock.
  func wake() { mail.wakeUp.call() }
}
