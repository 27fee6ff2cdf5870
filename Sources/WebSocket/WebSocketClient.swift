import Linux
import Synchronization
public import TLS

/// The client's end of one WebSocket, for a thread of its own: it blocks.
///
/// See RFC 6455.
public final class WebSocketClient: Sendable {
  private let mail: ClientMail
  /// `nil` once it runs, and when it has run.
  private let session: Mutex<ClientSession?>

  private init(_ session: ClientSession, _ mail: ClientMail) {
    self.session = Mutex(session)
    self.mail = mail
  }

  /// Opens a connection and shakes hands; blocks until that is done.
  ///
  /// - Parameters:
  ///   - headers: Sent with the request, for example `Authorization`.
  ///   - trust: Whose word counts for who the server is, over `wss`.
  ///   - timeout: For all of it together, except for the look-up of the name, whose time-out is the resolver's.
  public static func connect(
    _ url: WebSocketURL, headers: [HTTPField] = [], trust: Trust = .system,
    limits: WebSocketLimits = WebSocketLimits(), timeout: Duration
  ) throws(WebSocketClientError) -> WebSocketClient {
    let deadline = Instant.monotonicNow() + timeout.nanoseconds
    let stream = try open(url, trust, until: deadline)
    let early = try shakeHands(over: stream, url, headers, until: deadline)
    guard let mail = try? ClientMail(limit: limits.queuedMessages) else {
      throw .unreachable("no file left for a connection")
    }
    return WebSocketClient(ClientSession(stream, limits, mail, earlyBytes: early), mail)
  }

  /// Queues a text message; from any thread.
  ///
  /// - Returns: False when the queue is full, or the connection is over or about to end: then the message is not sent.
  public func send(_ text: [UInt8]) -> Bool { mail.send(text) }

  /// Ends the connection with a close frame, after what is queued; from any thread.
  public func close(code: UInt16 = 1000, reason: String = "") {
    mail.close(code: code, reason: reason)
  }

  /// Sends and receives until the connection is over; to be called once.
  ///
  /// - Parameter onText: Gets each text message, on this thread. A binary message ends the connection with 1003.
  public func run(_ onText: ([UInt8]) -> Void) -> WebSocketClosure {
    guard let session = session.withLock({ $0.take() }) else {
      preconditionFailure("a WebSocket runs once")
    }
    return session.run(onText)
  }

  // MARK: - The way there

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

  /// - Returns: What came behind the answer: the first bytes of frames.
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
        throw .notWebSocket("the connection ended before the answer did")
      }
      end = ClientHandshake.end(of: answer)
      if end == nil && answer.count > 16 << 10 {
        throw .notWebSocket("the headers of the answer have no end")
      }
    }
    let head = answer[..<(end ?? 0)]
    do {
      try handshake.check(head, body: [])
    } catch {
      guard case .refused(let status, _) = error else { throw error }
      // The reason is in the body, which may still be on its way.
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

  /// Appends what comes next; false at the end.
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
