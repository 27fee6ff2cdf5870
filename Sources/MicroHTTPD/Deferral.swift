import CMicroHTTPD
import Linux
import Synchronization

/// An answer that is worked on while its connection is suspended.
///
/// Its lock is held while the connection is resumed, or its socket is used: once the worker that owns the connection has
/// passed the lock, the other thread has left libmicrohttpd, whose memory may be gone a moment later.
final class Deferral: Suspension {
  /// What the work came to.
  enum Outcome {
    case reply(Reply)
    /// The server had no time left.
    case stopping
    /// There is nothing more to send on the connection.
    case over
  }

  /// How the client stands.
  enum Client { case connected, halfClosed, broken, unknown }

  private enum State {
    /// The address of the connection: a pointer is not Sendable, its address is.
    case suspended(UInt)
    /// The answer is sent by us, and is the last on the connection.
    case answering(UInt)
    case resumed(Outcome)
  }

  /// Grows from one to the next.
  let number: UInt64
  let address: AddressKey
  private let service: Service
  private let socket: StreamSocket
  private let isToHead: Bool
  /// Whether libmicrohttpd could not send the reply.
  private let isSentByUs: Bool
  private let state: Mutex<State>
  private let work = Mutex<Task<Void, Never>?>(nil)
  private static let numbers = Atomic<UInt64>(0)

  /// - Parameters:
  ///   - handle: Is suspended already, and will be resumed exactly once.
  ///   - isSentByUs: True when libmicrohttpd could not send the reply.
  init(
    suspended handle: OpaquePointer, of connection: Connection, _ service: Service, isToHead: Bool,
    isSentByUs: Bool
  ) {
    number = Self.numbers.add(1, ordering: .relaxed).newValue
    address = connection.address
    self.service = service
    socket = StreamSocket(connection.socket)
    self.isToHead = isToHead
    self.isSentByUs = isSentByUs
    state = Mutex(.suspended(UInt(bitPattern: handle)))
  }

  /// Begins the work, on threads that are not libmicrohttpd's.
  func start(_ reply: Reply) {
    guard isWaiting else { return }
    let task = Task {
      // Its turn may have come late.
      guard isWaiting else { return }
      await deliver(await WaitingClient.$current.withValue(self) { await reply.settled() })
    }
    work.withLock { $0 = task }
    // It may have been ended before it had something to cancel.
    if !isWaiting { task.cancel() }
  }

  /// Cancels the work and resumes the connection without a reply.
  func end() {
    conclude(.stopping)
    cancel()
  }

  /// Cancels the work of a client that is gone for certain.
  func abandon() {
    conclude(.over)
    cancel()
  }

  /// Cancels the work of a client that is probably gone, and tells it so.
  func giveUp(_ response: Response) {
    guard claim() else { return }
    cancel()
    Task { await send(Reply(response)) }
  }

  /// Looks after all clients that wait, this one among them.
  func lookAfterClients() { service.lookAfterWaitingClients() }

  private func cancel() { work.withLock { $0 }?.cancel() }

  /// What the work came to; for the worker that owns the connection, after it was resumed.
  var outcome: Outcome? {
    state.withLock { state in
      guard case .resumed(let outcome) = state else { return nil }
      return outcome
    }
  }

  /// Whether the reply is still worked on.
  var isWaiting: Bool {
    state.withLock { state in
      guard case .suspended = state else { return false }
      return true
    }
  }

  /// How the client stands, while it waits.
  ///
  /// One that has gone away and one that has only ended its sending side look the same, until something is sent.
  var client: Client {
    state.withLock { state in
      guard case .suspended = state else { return .unknown }
      return switch cmhd_peer_state(socket.descriptor) {
      case 0: .connected
      case 1: .halfClosed
      default: .broken
      }
    }
  }

  private func deliver(_ reply: Reply) async {
    // libmicrohttpd 0.9.75 closes a connection that it resumes when the client has ended its sending side.
    if isSentByUs || client == .halfClosed {
      if claim() { await send(reply) }
    } else {
      conclude(.reply(reply))
    }
  }

  /// Takes the connection over for an answer that we send; false when it is too late for that.
  private func claim() -> Bool {
    state.withLock { state in
      guard case .suspended(let address) = state else { return false }
      state = .answering(address)
      return true
    }
  }

  /// The first to come decides; the connection must not be resumed twice.
  private func conclude(_ outcome: Outcome) {
    state.withLock { state in
      switch state {
      case .suspended(let address):
        state = .resumed(outcome)
        unsafe MHD_resume_connection(OpaquePointer(bitPattern: address))
      case .answering(let address):
        // libmicrohttpd finds the end, and sends nothing of its own behind our answer.
        socket.end()
        state = .resumed(.over)
        unsafe MHD_resume_connection(OpaquePointer(bitPattern: address))
      case .resumed: break
      }
    }
  }

  // MARK: - Sending

  /// Sends the reply, and reads what the client still sends, so that the reply is not lost with a reset.
  private func send(_ reply: Reply) async {
    defer { conclude(.over) }
    let (response, status) = sendable(reply)
    var answer = OwnAnswer(response, status: status, toHead: isToHead)
    let end = Instant.monotonicNow() + service.answerTime
    while !answer.isSent {
      switch onSocket({ answer.send(on: $0) }) {
      case .bytes: break
      case .wouldBlock where Instant.monotonicNow() < end: await pause()
      default: return
      }
    }
    _ = onSocket {
      $0.endSending()
      return .bytes(0)
    }
    var buffer = [UInt8](repeating: 0, count: 16 << 10)
    var read = 0
    let patience = Instant.monotonicNow() + 1_000_000_000
    while read <= service.configuration.bodyLimit, Instant.monotonicNow() < patience {
      switch onSocket({ $0.receive(into: &buffer) }) {
      case .bytes(let count): read += count
      case .wouldBlock: await pause()
      default: return
      }
    }
  }

  private func sendable(_ reply: Reply) -> (Response, status: Int) {
    guard case .ready(let response, let status) = reply else {
      return (
        service.configuration.refuse(.malformed("this answer needs a connection that is open")), 400
      )
    }
    return (response, status)
  }

  /// Uses the socket, as long as it is ours.
  private func onSocket(_ use: (StreamSocket) -> StreamSocket.Outcome) -> StreamSocket.Outcome {
    state.withLock { state in
      guard case .answering = state else { return .end }
      return use(socket)
    }
  }

  private func pause() async {
    try? await service.configuration.clock.sleep(for: .milliseconds(10))
  }
}
