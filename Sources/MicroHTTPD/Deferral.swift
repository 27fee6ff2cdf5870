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
    ///
    /// A refusal only tells a client that its place is needed.
    case answering(UInt, isRefusal: Bool)
    case resumed(Outcome)
  }

  /// Grows from one to the next.
  let number: UInt64
  var address: AddressKey { connection.address }
  private let connection: Connection
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
    self.connection = connection
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
      deliver(await WaitingClient.$current.withValue(self) { await reply.settled() })
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

  /// Cancels the work of a client that is probably gone, and sends it a refusal; false when its answer is there already.
  func giveUp(_ response: Response) -> Bool {
    guard takeOver(Reply(response), isRefusal: true) else { return false }
    cancel()
    return true
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

  /// Whether it takes one of the places for later replies: until its reply is with libmicrohttpd, or was sent by us.
  var holdsPlace: Bool {
    state.withLock { state in
      if case .resumed = state { false } else { true }
    }
  }

  /// The state of the client, while it waits or is sent its answer by us.
  ///
  /// A client that is gone and one that has only closed its sending side look the same, until something is sent.
  var client: Client {
    state.withLock { state in
      switch state {
      case .resumed, .answering(_, isRefusal: true): .unknown
      // One that has closed its socket after we sent everything is not broken.
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
    // libmicrohttpd 0.9.75 closes a connection that it resumes when the client has ended its sending side.
    if isSentByUs || client == .halfClosed {
      _ = takeOver(reply)
    } else {
      conclude(.reply(reply))
    }
  }

  /// The first to come decides; the connection must not be resumed twice.
  private func conclude(_ outcome: Outcome) {
    state.withLock { state in
      switch state {
      case .suspended(let address):
        state = .resumed(outcome)
        unsafe MHD_resume_connection(OpaquePointer(bitPattern: address))
      case .answering(let address, _):
        service.ownAnswers.forget(socket)
        // libmicrohttpd finds the end, and sends nothing of its own behind our answer.
        socket.end()
        state = .resumed(.over)
        unsafe MHD_resume_connection(OpaquePointer(bitPattern: address))
      case .resumed: break
      }
    }
  }

  // MARK: - Sending

  /// Whether the answer is being sent by us.
  var isAnswering: Bool {
    state.withLock { state in
      guard case .answering = state else { return false }
      return true
    }
  }

  /// Takes the connection over for an answer that we send; false when it is too late for that.
  ///
  /// - Parameter isRefusal: True when it only tells a client that its place is needed.
  private func takeOver(_ reply: Reply, isRefusal: Bool = false) -> Bool {
    let answer: OwnAnswer? = state.withLock { state in
      guard case .suspended(let address) = state else { return nil }
      state = .answering(address, isRefusal: isRefusal)
      // Under the lock, since the worker uses the connection once it is resumed.
      return service.ownAnswer(reply, on: connection, isToHead: isToHead)
    }
    guard let answer else { return false }
    service.ownAnswers.add(self, answer)
    return true
  }

  /// Adds the socket to a set of files, to be told when it takes bytes; false when that is not possible.
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

  /// The whole answer is with the kernel: nothing more is sent, and what comes is still to be read.
  ///
  /// - Returns: False when the connection was ended meanwhile.
  func endSending(_ poll: EventPoll) -> Bool {
    onSocket { socket in
      connection.endAnswer()
      socket.endSending()
      // It was added before, so this cannot fail.
      try? poll.change(socket.descriptor, as: number, to: .reading)
      return true
    } ?? false
  }

  /// The answer was sent, or cannot be sent.
  func finish() { conclude(.over) }

  /// Uses the socket; `nil` when it is no longer ours.
  func onSocket<Result>(_ use: (StreamSocket) -> Result) -> Result? {
    state.withLock { state in
      guard case .answering = state else { return nil }
      return use(socket)
    }
  }
}
