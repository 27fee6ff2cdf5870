import Linux

/// The thread of a loop: it waits for events on all sockets and handles them.
final class LoopThread {
  private let limits: WebSocketLimits
  private let times: LoopTimes
  private let handler: any WebSocketHandler
  private let mail: LoopMail
  private let poll: EventPoll
  private let clock: @Sendable () -> Int64

  private var sockets: [UInt64: LoopSocket] = [:]
  private var deadlines = DeadlineQueue()
  private var statistics = WebSocketStatistics()
  private var now: Int64 = 0
  /// Bytes in memory for all sockets.
  private var held = 0
  private var drain: (code: UInt16, reason: String, until: Int64)?
  /// Buffers that all sockets share, in turn.
  private var input = [UInt8](repeating: 0, count: 16 << 10)
  private var output: [UInt8] = []

  /// - Parameter clock: Returns nanoseconds on `CLOCK_MONOTONIC`.
  init(
    _ limits: WebSocketLimits, _ handler: any WebSocketHandler, _ mail: LoopMail,
    _ poll: EventPoll, clock: @escaping @Sendable () -> Int64
  ) {
    self.limits = limits
    times = LoopTimes(limits)
    self.handler = handler
    self.mail = mail
    self.poll = poll
    self.clock = clock
  }

  /// The token of the wake-up call.
  ///
  /// Connection ids start at 1.
  static let wakeUpToken: UInt64 = 0

  /// Runs until a drain is complete.
  func run() {
    while !isOver {
      let patience = nextMoment.map { max(0, $0 - clock()) }
      // Only this thread uses the poll's file, so waiting cannot fail.
      let events = (try? poll.wait(atMost: patience)) ?? []
      now = clock()
      for event in events {
        if event.token == Self.wakeUpToken {
          mail.wakeUp.hear()
        } else if let socket = sockets[event.token] {
          if event.canWrite { pump(socket) }
          if event.canRead { read(socket) }
          if event.isBroken { end(socket, .lost("the connection is broken")) }
        }
      }
      for letter in mail.drain() { handle(letter) }
      while let due = deadlines.takeDue(at: now) { lookAfter(due) }
      mail.publish(statistics)
    }
    for socket in sockets.values { end(socket, .lost("the peer did not answer the close in time")) }
    mail.publish(statistics)
    for case .adopt(let newcomer) in mail.close() { newcomer.release() }
    mail.finish()
  }

  private var isOver: Bool {
    guard let drain else { return false }
    return sockets.isEmpty || now >= drain.until
  }

  private var nextMoment: Int64? {
    guard let drain else { return deadlines.next }
    return min(drain.until, deadlines.next ?? .max)
  }

  // MARK: - Letters

  private func handle(_ letter: LoopMail.Letter) {
    switch letter {
    case .adopt(let newcomer): adopt(newcomer)
    case .send(let text, let id):
      guard let socket = sockets[id.number], socket.framing.isOpen else { return }
      // A peer that does not read pushed messages is closed.
      guard socket.framing.queued < limits.queuedMessages else {
        return close(
          socket, WebSocketClosure.policyViolation, "the client does not read its messages")
      }
      send(.text(text), on: socket)
      pump(socket)
    case .close(let id, let code, let reason):
      if let socket = sockets[id.number] { close(socket, code, reason) }
    case .drain(let code, let reason, let until):
      drain = (code, reason, until)
      for socket in Array(sockets.values) { close(socket, code, reason) }
    }
  }

  private func adopt(_ newcomer: LoopMail.Newcomer) {
    let socket = LoopSocket(newcomer, limits, at: now)
    do {
      try poll.add(socket.socket.descriptor, as: socket.id.number, for: socket.interest)
    } catch {
      mail.leave(socket.address)
      return socket.release()
    }
    socket.socket.sendAtOnce()
    sockets[socket.id.number] = socket
    statistics.opened += 1
    statistics.open = sockets.count
    handler.opened(socket.id, peer: socket.peer)
    if let drain { return close(socket, drain.code, drain.reason) }
    pump(socket)
  }

  // MARK: - In and out

  private func read(_ socket: LoopSocket) {
    // The socket may have ended in this round, or an event may combine reading with another condition.
    guard sockets[socket.id.number] != nil, socket.unread.isEmpty else { return }
    switch socket.socket.receive(into: &input) {
    case .bytes(let count):
      statistics.bytesReceived += UInt64(count)
      if case .lingering = socket.phase { return discard(count, of: socket) }
      socket.unread = input[..<count]
      pump(socket)
    case .wouldBlock: break
    case .end: end(socket, .lost("the connection ended without a close"))
    case .lost(let reason): end(socket, .lost(reason))
    }
  }

  /// Processes input and sends output as far as possible, then updates interest and deadline.
  private func pump(_ socket: LoopSocket) {
    repeat {
      feed(socket)
      guard flush(socket) else { return }
    } while !socket.unread.isEmpty && socket.unsent.isEmpty
      && socket.framing.queued < limits.queuedMessages
    // A socket that must wait copies its bytes, since all sockets share the buffer.
    if !socket.unread.isEmpty { socket.unread = Array(socket.unread)[...] }
    if socket.framing.isOver && socket.unsent.isEmpty {
      if socket.framing.isClosed { return end(socket, .lost("")) }
      linger(socket)
    }
    settle(socket)
  }

  private func feed(_ socket: LoopSocket) {
    guard !socket.unread.isEmpty else { return }
    let before = socket.framing.arrivals
    let taken = socket.framing.receive(socket.unread) { deliver($0, on: socket) }
    if socket.framing.arrivals > before { socket.heard = now }
    // Nothing in the shared buffer may be referenced after this.
    let isDone = taken == socket.unread.count || !socket.framing.wantsInput
    socket.unread = isDone ? [] : socket.unread.dropFirst(taken)
  }

  private func deliver(_ message: FrameTraffic.Message, on socket: LoopSocket) {
    // Messages after a close are ignored.
    guard case .open = socket.phase, socket.framing.isOpen else { return }
    statistics.messagesReceived += 1
    switch message {
    case .text(let bytes):
      answer(handler.received(bytes, on: socket.id), on: socket) { .text($0) }
    case .binary(let bytes):
      answer(handler.received(binary: bytes, on: socket.id), on: socket) { .binary($0) }
    }
  }

  private func answer(
    _ answer: WebSocketAnswer, on socket: LoopSocket,
    _ message: ([UInt8]) -> FrameTraffic.Message
  ) {
    switch answer {
    case .reply(let bytes): send(message(bytes), on: socket)
    case .silence: break
    case .close(let code, let reason): beginClose(socket, code, reason)
    }
  }

  private func send(_ message: FrameTraffic.Message, on socket: LoopSocket) {
    socket.framing.send(message)
    statistics.messagesSent += 1
  }

  /// Sends until nothing is left or the kernel accepts no more; false if the connection was lost.
  private func flush(_ socket: LoopSocket) -> Bool {
    while true {
      if socket.unsent.isEmpty {
        output.removeAll(keepingCapacity: true)
        if socket.framing.wantsOutput {
          socket.framing.takeOutput(into: &output, upTo: 16 << 10)
        }
        guard !output.isEmpty else {
          socket.stuck = nil
          return true
        }
        socket.unsent = output[...]
      }
      switch socket.socket.send(socket.unsent) {
      case .bytes(let count):
        statistics.bytesSent += UInt64(count)
        socket.stuck = nil
        socket.unsent = count == socket.unsent.count ? [] : socket.unsent.dropFirst(count)
      case .wouldBlock:
        if socket.stuck == nil { socket.stuck = now }
        socket.unsent = Array(socket.unsent)[...]
        return true
      case .end: return true
      case .lost(let reason):
        end(socket, .lost(reason))
        return false
      }
    }
  }

  // MARK: - Times

  /// Updates the watched events and the deadline.
  private func settle(_ socket: LoopSocket) {
    let holding = socket.holding
    held += holding - socket.held
    socket.held = holding
    // Only a socket with more than 4 KiB can be the cause, so the one that adds to a long message is ended.
    if held > limits.heldBytes && holding > 4 << 10 {
      return end(socket, .lost("incomplete messages use too much memory"))
    }
    var interest: EventPoll.Interest = []
    if socket.unread.isEmpty { interest.insert(.reading) }
    if !socket.unsent.isEmpty { interest.insert(.writing) }
    if interest != socket.interest {
      socket.interest = interest
      // The socket was added before, so this cannot fail.
      try? poll.change(socket.socket.descriptor, as: socket.id.number, to: interest)
    }
    arrange(socket)
  }

  /// Queues the deadline unless an earlier entry is queued.
  private func arrange(_ socket: LoopSocket) {
    let deadline = socket.deadline(times)
    guard deadline < socket.appointment else { return }
    socket.appointment = deadline
    deadlines.add(socket.id.number, at: deadline)
  }

  /// Handles a due deadline.
  ///
  /// Usually the socket was active meanwhile and only needs a new deadline.
  private func lookAfter(_ due: DeadlineQueue.Entry) {
    guard let socket = sockets[due.owner], socket.appointment == due.moment else { return }
    socket.appointment = .max
    guard socket.deadline(times) <= now else { return arrange(socket) }
    switch socket.phase {
    case .closing, .lingering: end(socket, .lost("the peer did not answer the close"))
    case .open:
      if let stuck = socket.stuck, stuck + times.send <= now {
        end(socket, .lost("the peer does not read"))
      } else if socket.heard + times.idle <= now {
        end(socket, .lost("the peer sent nothing"))
      } else {
        socket.asked = now
        socket.framing.ping()
        pump(socket)
      }
    }
  }

  // MARK: - Ends

  private func close(_ socket: LoopSocket, _ code: UInt16, _ reason: String) {
    beginClose(socket, code, reason)
    pump(socket)
  }

  private func beginClose(_ socket: LoopSocket, _ code: UInt16, _ reason: String) {
    guard case .open = socket.phase else { return }
    socket.framing.close(code: code, reason: reason)
    socket.phase = .closing(since: now)
  }

  /// Ends our side after our last frame, but keeps reading: closing a connection with unread input would reset it and
  /// could lose that frame.
  private func linger(_ socket: LoopSocket) {
    if case .lingering = socket.phase { return }
    socket.socket.endSending()
    socket.phase = .lingering(since: now)
  }

  private func discard(_ count: Int, of socket: LoopSocket) {
    socket.discarded += count
    guard socket.discarded > 1 << 20 else { return }
    end(socket, .lost("the peer does not stop sending"))
  }

  /// - Parameter fallback: The closure to report if there was no close frame.
  private func end(_ socket: LoopSocket, _ fallback: WebSocketClosure) {
    guard sockets.removeValue(forKey: socket.id.number) != nil else { return }
    // Remove it before the release: afterwards the kernel may reuse the descriptor.
    try? poll.remove(socket.socket.descriptor)
    let closure = socket.framing.closure ?? fallback
    statistics.open = sockets.count
    statistics.closures[closure.code, default: 0] += 1
    handler.closed(socket.id, closure)
    held -= socket.held
    mail.leave(socket.address)
    socket.release()
  }
}
