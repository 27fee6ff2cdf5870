import Linux
import Synchronization
public import TLS

/// The client side of a WebSocket.
///
/// It blocks, so run it on its own thread.
///
/// See RFC 6455.
public final class WebSocketClient: Sendable {
  private let mail: ClientMail
  /// The session; `nil` after ``run(_:)`` was called.
  private let session: Mutex<ClientSession?>

  private init(_ session: ClientSession, _ mail: ClientMail) {
    self.session = Mutex(session)
    self.mail = mail
  }

  /// Connects and performs the handshake.
  ///
  /// Blocks until it is complete.
  ///
  /// - Parameters:
  ///   - headers: Additional headers of the request, for example `Authorization`.
  ///   - trust: The certificate authorities to trust for `wss`.
  ///   - timeout: The time limit for all steps together, except for the name lookup, which the resolver limits.
  public static func connect(
    _ url: WebSocketURL, headers: [HTTPField] = [], trust: Trust = .system,
    limits: WebSocketLimits = WebSocketLimits(), timeout: Duration
  ) throws(WebSocketClientError) -> WebSocketClient {
    let deadline = Instant.monotonicNow() + timeout.nanoseconds
    let stream = try open(url, trust, until: deadline)
    let early = try shakeHands(over: stream, url, headers, until: deadline)
    guard let mail = try? ClientMail(limit: limits.queuedMessages) else {
      throw .unreachable("the limit of open files is reached")
    }
    return WebSocketClient(ClientSession(stream, limits, mail, earlyBytes: early), mail)
  }

  /// Queues a text message.
  ///
  /// Any thread may call this.
  ///
  /// - Returns: False if the queue is full or the connection has ended or is closing; the message is then discarded.
  public func send(_ text: [UInt8]) -> Bool { mail.send(text) }

  /// Closes the connection with a close frame after all queued messages.
  ///
  /// Any thread may call this.
  public func close(code: UInt16 = 1000, reason: String = "") {
    mail.close(code: code, reason: reason)
  }

  /// Sends and receives until the connection ends.
  ///
  /// Call this once.
  ///
  /// - Parameter onText: Receives each text message on this thread. A binary message ends the connection with 1003.
  public func run(_ onText: ([UInt8]) -> Void) -> WebSocketClosure {
    guard let session = session.withLock({ $0.take() }) else {
      preconditionFailure("run(_:) was called twice")
    }
    return session.run(onText)
  }

  // MARK: - Connecting

  private static func open(_ url: WebSocketURL, _ trust: Trust, until deadline: Int64)
    throws(WebSocketClientError) -> any ClientStream
  {
    let socket: StreamSocket
    do {
      socket = try StreamSocket.connect(host: url.host, port: url.port, until: deadline)
    } catch {
      let isUnknown = error.call == "getaddrinfo"
      throw .unreachable(isUnknown ? "\(error.subject): no such host" : "\(error)")
    }
    socket.sendAtOnce()
    guard url.isSecure else { return PlainStream(socket) }
    do {
      return try SecureStream(socket, host: url.host, trust: trust, until: deadline)
    } catch {
      socket.close()
      throw error.isUntrusted ? .untrusted(error.reason) : .insecure(error.reason)
    }
  }

  /// - Returns: The bytes after the response: the first frames.
  private static func shakeHands(
    over stream: any ClientStream, _ url: WebSocketURL, _ headers: [HTTPField],
    until deadline: Int64
  ) throws(WebSocketClientError) -> [UInt8] {
    let handshake = ClientHandshake()
    try send(handshake.request(url, headers), over: stream, until: deadline)
    var answer: [UInt8] = []
    var end: Int?
    while end == nil {
      guard try receive(&answer, over: stream, until: deadline) else {
        throw .notWebSocket("the connection ended within the response")
      }
      end = ClientHandshake.end(of: answer)
      if end == nil && answer.count > 16 << 10 {
        throw .notWebSocket("the headers of the response are too long")
      }
    }
    let head = answer[..<(end ?? 0)]
    do {
      try handshake.check(head, body: [])
    } catch {
      guard case .refused(let status, _) = error else { throw error }
      // The reason is in the body, which may not have arrived yet.
      let count = head.count + min(ClientHandshake.bodyLength(head), 4096)
      while answer.count < count {
        guard (try? receive(&answer, over: stream, until: deadline)) == true else { break }
      }
      throw .refused(status: status, body: Array(answer.prefix(count).dropFirst(head.count)))
    }
    return Array(answer.dropFirst(head.count))
  }

  private static func send(
    _ bytes: [UInt8], over stream: any ClientStream, until deadline: Int64
  ) throws(WebSocketClientError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      switch stream.send(rest) {
      case .bytes(let count): rest.removeFirst(count)
      case .wouldBlock:
        guard stream.socket.wait(for: .writing, until: deadline) else { throw .timedOut }
      case .end: throw .unreachable("the connection ended")
      case .lost(let reason): throw .unreachable(reason)
      }
    }
  }

  /// Appends the next bytes; false at the end of the stream.
  private static func receive(
    _ bytes: inout [UInt8], over stream: any ClientStream, until deadline: Int64
  ) throws(WebSocketClientError) -> Bool {
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      switch stream.receive(into: &buffer) {
      case .bytes(let count):
        bytes += buffer[..<count]
        return true
      case .wouldBlock:
        guard stream.socket.wait(for: .reading, until: deadline) else { throw .timedOut }
      case .end: return false
      case .lost(let reason): throw .unreachable(reason)
      }
    }
  }
}
