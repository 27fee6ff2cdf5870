import CMicroHTTPD
import Linux
import Synchronization

/// An answer in progress, whose connection is suspended meanwhile.
///
/// Its lock is held while the connection is resumed or its socket is used. Once the worker that owns the connection has
/// acquired the lock, the other thread has left libmicrohttpd, whose memory may be freed a moment later.
final class Deferral: Suspension {
  /// The result of the work.
  enum Outcome {
    case reply(Reply)
    /// The server stopped before the reply was ready.
    case stopping
    /// Nothing more can be sent on the connection.
    case over
  }

  /// The state of the client's connection.
  enum Client { case connected, halfClosed, broken, unknown }

  private enum State {
    /// The address of the connection. A pointer is not Sendable, but its address is.
    case suspended(UInt)
    /// We send the answer ourselves; it is the last on the connection.
    case answering(UInt)
    case resumed(Outcome)
  }

  /// A sequence number.
  let number: UInt64
  let address: AddressKey
  private let service: Service
  private let socket: StreamSocket
  private let isToHead: Bool
  /// Whether libmicrohttpd cannot send the reply.
  private let isSentByUs: Bool
  private let state: Mutex<State>
  private let work = Mutex<Task<Void, Never>?>(nil)
  private static let numbers = Atomic<UInt64>(0)

  /// - Parameters:
  ///   - handle: A suspended connection, which will be resumed exactly once.
  ///   - isSentByUs: Whether libmicrohttpd cannot send the reply.
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

  /// Starts the work on threads other than libmicrohttpd's.
  func start(_ reply: Reply) {
    guard isWaiting else { return }
    let task = Task {
      // The task may have been scheduled late.
      guard isWaiting else { return }
      await deliver(await WaitingClient.$current.withValue(self) { await reply.settled() })
    }
    work.withLock { $0 = task }
    // The work may have been ended before there was a task to cancel.
    if !isWaiting { task.cancel() }
  }

  /// Cancels the work and resumes the connection without a reply.
  func end() {
    conclude(.stopping)
    cancel()
  }

  /// Cancels the work for a client that has certainly left.
  func abandon() {
    conclude(.over)
    cancel()
  }

  /// Cancels the work for a client that has probably left, and sends it a refusal.
  func giveUp(_ response: Response) {
    guard claim() else { return }
    cancel()
    Task { await send(Reply(response)) }
  }

  /// Checks all waiting clients, including this one.
  func lookAfterClients() { service.lookAfterWaitingClients() }

  private func cancel() { work.withLock { $0 }?.cancel() }

  /// The result of the work.
  ///
  /// The worker that owns the connection reads it after the resumption.
  var outcome: Outcome? {
    state.withLock { state in
      guard case .resumed(let outcome) = state else { return nil }
      return outcome
    }
  }

  /// Whether the reply is still in progress.
  var isWaiting: Bool {
    state.withLock { state in
      guard case .suspended = state else { return false }
      return true
    }
  }

  /// The state of the client's connection while it waits.
  ///
  /// A client that has left and one that has only shut down its sending side are indistinguishable until something is
  /// sent.
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
    // When libmicrohttpd 0.9.75 resumes a connection whose client has shut down its sending side, it closes it.
    if isSentByUs || client == .halfClosed {
      if claim() { await send(reply) }
    } else {
      conclude(.reply(reply))
    }
  }

  /// Takes over the connection for an answer that we send; false if the reply was already concluded.
  private func claim() -> Bool {
    state.withLock { state in
      guard case .suspended(let address) = state else { return false }
      state = .answering(address)
      return true
    }
  }

  /// Resumes the connection with the first outcome.
  ///
  /// Later calls do nothing, since it must not be resumed twice.
  private func conclude(_ outcome: Outcome) {
    state.withLock { state in
      switch state {
      case .suspended(let address):
        state = .resumed(outcome)
        unsafe MHD_resume_connection(OpaquePointer(bitPattern: address))
      case .answering(let address):
        // libmicrohttpd sees the end of stream and sends nothing after our answer.
        socket.end()
        state = .resumed(.over)
        unsafe MHD_resume_connection(OpaquePointer(bitPattern: address))
      case .resumed: break
      }
    }
  }

  // MARK: - Sending

  /// Sends the reply, then reads what the client still sends, since a reset would discard the reply.
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
        service.configuration.refuse(.malformed("this answer needs a connection that stays open")),
        400
      )
    }
    return (response, status)
  }

  /// Uses the socket if we have claimed it.
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
