import Linux

/// What the one thread of a loop does: it waits for all sockets at once, and looks after each that has something.
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
  /// Bytes that all sockets make us keep.
  private var held = 0
  private var drain: (code: UInt16, reason: String, until: Int64)?
  /// One read, and one write, for all sockets in turn.
  private var input = [UInt8](repeating: 0, count: 16 << 10)
  private var output: [UInt8] = []

  /// - Parameter clock: Nanoseconds on the monotonic clock.
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

  /// The token of the wake-up call; connections are counted from 1.
  static let wakeUpToken: UInt64 = 0

  /// Runs until a drain has come to its end.
  func run() {
    while !isOver {
      let patience = nextMoment.map { max(0, $0 - clock()) }
      // The file of the poll is ours alone, so that waiting for it has no way to fail.
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
    for socket in sockets.values { end(socket, .lost("it did not answer the close in time")) }
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
      // Whoever does not read what it is sent unasked is sent no more.
      guard socket.framing.queued < limits.queuedMessages else {
        return close(
          socket, WebSocketClosure.policyViolation, "it does not read what it is sent")
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
    // It may have ended meanwhile; and one that is not to be read may be told in one breath with something else.
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

  /// Lets in what was read and out what is to be sent, as far as either goes, and sees what is next.
  private func pump(_ socket: LoopSocket) {
    repeat {
      feed(socket)
      guard flush(socket) else { return }
    } while !socket.unread.isEmpty && socket.unsent.isEmpty
      && socket.framing.queued < limits.queuedMessages
    // A socket that waits keeps its own bytes, not the buffer of all.
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
    // Nothing is kept of a buffer that the next socket needs.
    let isDone = taken == socket.unread.count || !socket.framing.wantsInput
    socket.unread = isDone ? [] : socket.unread.dropFirst(taken)
  }

  private func deliver(_ message: FrameTraffic.Message, on socket: LoopSocket) {
    // After a close nobody is interested any more.
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

  /// Sends until there is nothing left or the kernel takes no more; false when the connection was lost.
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

  /// Says what to wait for, and until when.
  private func settle(_ socket: LoopSocket) {
    let holding = socket.holding
    held += holding - socket.held
    socket.held = holding
    // A short message is never the reason; the socket that begins one more long message is.
    if held > limits.heldBytes && holding > 4 << 10 {
      return end(socket, .lost("messages that are not whole yet take too much memory"))
    }
    var interest: EventPoll.Interest = []
    if socket.unread.isEmpty { interest.insert(.reading) }
    if !socket.unsent.isEmpty { interest.insert(.writing) }
    if interest != socket.interest {
      socket.interest = interest
      // It was added, so this has no way to fail.
      try? poll.change(socket.socket.descriptor, as: socket.id.number, to: interest)
    }
    arrange(socket)
  }

  /// Makes an appointment, unless there is one that is as early.
  private func arrange(_ socket: LoopSocket) {
    let deadline = socket.deadline(times)
    guard deadline < socket.appointment else { return }
    socket.appointment = deadline
    deadlines.add(socket.id.number, at: deadline)
  }

  /// An appointment has come: most often the socket was heard meanwhile, and gets another one.
  private func lookAfter(_ due: DeadlineQueue.Entry) {
    guard let socket = sockets[due.owner], socket.appointment == due.moment else { return }
    socket.appointment = .max
    guard socket.deadline(times) <= now else { return arrange(socket) }
    switch socket.phase {
    case .closing, .lingering: end(socket, .lost("no answer to the close"))
    case .open:
      if let stuck = socket.stuck, stuck + times.send <= now {
        end(socket, .lost("it does not take what it is sent"))
      } else if socket.heard + times.idle <= now {
        end(socket, .lost("nothing was heard of it"))
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

  /// We have had the last word without an answer to it: a connection that was closed while something is unread would be
  /// reset, and our word lost.
  private func linger(_ socket: LoopSocket) {
    if case .lingering = socket.phase { return }
    socket.socket.endSending()
    socket.phase = .lingering(since: now)
  }

  private func discard(_ count: Int, of socket: LoopSocket) {
    socket.discarded += count
    guard socket.discarded > 1 << 20 else { return }
    end(socket, .lost("it does not stop sending"))
  }

  /// - Parameter fallback: How it ended if no close frame says it.
  private func end(_ socket: LoopSocket, _ fallback: WebSocketClosure) {
    guard sockets.removeValue(forKey: socket.id.number) != nil else { return }
    // Before the release: the number of the socket may be another file's then.
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
