import CMicroHTTPD
import Linux
import Synchronization

/// An answer in progress, whose connection is suspended until it is ready.
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
    ///
    /// A refusal tells the client that its place is needed.
    case answering(UInt, isRefusal: Bool)
    case resumed(Outcome)
  }

  /// A sequence number.
  let number: UInt64
  var address: AddressKey { connection.address }
  private let connection: Connection
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
    self.connection = connection
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
      deliver(await WaitingClient.$current.withValue(self) { await reply.settled() })
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

  /// Cancels the work for a client that has probably left, and sends it a refusal; false if its answer is ready.
  func giveUp(_ response: Response) -> Bool {
    guard takeOver(Reply(response), isRefusal: true) else { return false }
    cancel()
    return true
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

  /// Whether this counts as a later reply: until libmicrohttpd has the reply, or we have sent it.
  var holdsPlace: Bool {
    state.withLock { state in
      if case .resumed = state { false } else { true }
    }
  }

  /// The state of the client's connection while it waits, or while we send its answer.
  ///
  /// A client that has left and one that has only shut down its sending side look the same until something is sent.
  var client: Client {
    state.withLock { state in
      switch state {
      case .resumed, .answering(_, isRefusal: true): .unknown
      // A client that has closed its socket after we sent everything is not broken.
      case .answering: cmhd_peer_state(socket.descriptor) == 1 ? .halfClosed : .unknown
      case .suspended:
        switch cmhd_peer_state(socket.descriptor) {
        case 0: .connected
        case 1: .halfClosed
        default: .broken
        }
      }
    }
  }

  private func deliver(_ reply: Reply) {
    // When libmicrohttpd 0.9.75 resumes a connection whose client has shut down its sending side, it closes it.
    if isSentByUs || client == .halfClosed {
      _ = takeOver(reply)
    } else {
      conclude(.reply(reply))
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
      case .answering(let address, _):
        service.ownAnswers.forget(socket)
        // libmicrohttpd sees the end of stream and sends nothing after our answer.
        socket.end()
        state = .resumed(.over)
        unsafe MHD_resume_connection(OpaquePointer(bitPattern: address))
      case .resumed: break
      }
    }
  }

  // MARK: - Sending

  /// Whether we are sending the answer.
  var isAnswering: Bool {
    state.withLock { state in
      guard case .answering = state else { return false }
      return true
    }
  }

  /// Takes over the connection for an answer that we send; false if the reply was already concluded.
  ///
  /// - Parameter isRefusal: Whether the reply only tells the client that its place is needed.
  private func takeOver(_ reply: Reply, isRefusal: Bool = false) -> Bool {
    let answer: OwnAnswer? = state.withLock { state in
      guard case .suspended(let address) = state else { return nil }
      state = .answering(address, isRefusal: isRefusal)
      // Do this under the lock, since the worker uses the connection once it is resumed.
      return service.ownAnswer(reply, on: connection, isToHead: isToHead)
    }
    guard let answer else { return false }
    service.ownAnswers.add(self, answer)
    return true
  }

  /// Starts to watch whether the socket accepts bytes; false if that fails.
  func watch(with poll: EventPoll) -> Bool {
    onSocket { socket in
      do throws(SystemCallError) {
        try poll.add(socket.descriptor, as: number, for: .writing)
        return true
      } catch {
        return false
      }
    } ?? false
  }

  /// Shuts down the sending side after the kernel has the whole answer, and watches for input, which must still be
  /// read.
  ///
  /// - Returns: False if the connection has ended in the meantime.
  func endSending(_ poll: EventPoll) -> Bool {
    onSocket { socket in
      connection.endAnswer()
      socket.endSending()
      // The socket was added before, so this cannot fail.
      try? poll.change(socket.descriptor, as: number, to: .reading)
      return true
    } ?? false
  }

  /// Concludes the deferral: the answer was sent, or cannot be sent.
  func finish() { conclude(.over) }

  /// Uses the socket; returns `nil` if it is no longer ours.
  func onSocket<Result>(_ use: (StreamSocket) -> Result) -> Result? {
    state.withLock { state in
      guard case .answering = state else { return nil }
      return use(socket)
    }
  }
}
