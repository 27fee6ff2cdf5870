import Linux
import Synchronization

/// Sends the answers that libmicrohttpd 0.9.75 cannot send, see ``OwnAnswer``.
///
/// One thread waits for all of their sockets with epoll(7), so a client that does not read uses no CPU time. The thread
/// starts with the first answer and exits after the last.
final class OwnAnswerLoop: Sendable {
  private struct Inbox {
    var newcomers: [Sending] = []
    var hasThread = false
  }

  private let inbox = Mutex(Inbox())
  private let poll: EventPoll
  private let wakeUp: WakeUpCall
  /// The maximum number of bytes that are read from a client after its answer was sent.
  private let readLimit: Int
  /// The longest time for reading them, in nanoseconds.
  private static let readTime: Int64 = 1_000_000_000
  /// The token of the wake-up call; the numbers of deferrals begin at 1.
  private static let wakeUpToken: UInt64 = 0

  init(readLimit: Int) throws(SystemCallError) {
    self.readLimit = readLimit
    poll = try EventPoll()
    wakeUp = try WakeUpCall()
    try poll.add(wakeUp.descriptor, as: Self.wakeUpToken, for: .reading)
  }

  /// Sends an answer on the socket of a deferral and then finishes the deferral.
  ///
  /// Any thread may call this.
  func add(_ deferral: Deferral, _ answer: OwnAnswer) {
    let needsThread = inbox.withLock { inbox in
      inbox.newcomers.append(Sending(deferral: deferral, answer: answer))
      defer { inbox.hasThread = true }
      return !inbox.hasThread
    }
    guard needsThread else { return wakeUp.call() }
    do throws(SystemCallError) {
      try DetachedThread.start(named: "own-answers") { self.run() }
    } catch {
      // Without a thread, these connections end without an answer.
      for sending in close() { sending.deferral.finish() }
    }
  }

  /// Stops watching a socket.
  ///
  /// Any thread may call this. Call it before the connection is resumed.
  func forget(_ socket: StreamSocket) {
    // The thread may not have added the socket yet.
    try? poll.remove(socket.descriptor)
    wakeUp.call()
  }

  private func close() -> [Sending] {
    inbox.withLock { inbox in
      defer { inbox = Inbox() }
      return inbox.newcomers
    }
  }

  // MARK: - The thread

  private func run() {
    var sendings: [UInt64: Sending] = [:]
    /// In the order in which their times end.
    var lingering: [(until: Int64, number: UInt64)] = []
    var buffer = [UInt8](repeating: 0, count: 16 << 10)
    while adopt(into: &sendings) {
      let patience = lingering.first.map { max(0, $0.until - Instant.monotonicNow()) }
      // Only this object uses the poll's file, so waiting cannot fail.
      for event in (try? poll.wait(atMost: patience)) ?? [] {
        guard event.token != Self.wakeUpToken else {
          wakeUp.hear()
          continue
        }
        guard var sending = sendings.removeValue(forKey: event.token) else { continue }
        let wasSent = sending.answer.isSent
        guard sending.advance(poll, &buffer, readLimit: readLimit) else {
          sending.deferral.finish()
          continue
        }
        sendings[event.token] = sending
        if sending.answer.isSent && !wasSent {
          lingering.append((Instant.monotonicNow() + Self.readTime, event.token))
        }
      }
      let now = Instant.monotonicNow()
      while let first = lingering.first, first.until <= now {
        lingering.removeFirst()
        sendings.removeValue(forKey: first.number)?.deferral.finish()
      }
    }
  }

  /// Adds new answers and drops those whose connections have ended; false if none is left.
  private func adopt(into sendings: inout [UInt64: Sending]) -> Bool {
    sendings = sendings.filter { $0.value.deferral.isAnswering }
    let newcomers = inbox.withLock { inbox in
      defer { inbox.newcomers = [] }
      inbox.hasThread = !inbox.newcomers.isEmpty || !sendings.isEmpty
      return inbox.hasThread ? inbox.newcomers : nil
    }
    guard let newcomers else { return false }
    for newcomer in newcomers {
      let deferral = newcomer.deferral
      if deferral.watch(with: poll) {
        sendings[deferral.number] = newcomer
      } else {
        deferral.finish()
      }
    }
    return true
  }
}

/// An answer that is being sent.
private struct Sending: Sendable {
  let deferral: Deferral
  var answer: OwnAnswer
  /// Bytes that were read after the answer was sent.
  var read = 0

  /// Sends as many bytes as the kernel accepts.
  ///
  /// After the last, reads what the client still sends, since a reset could discard the answer (RFC 9112 section 9.6).
  ///
  /// - Returns: False if the connection can be closed.
  mutating func advance(_ poll: EventPoll, _ buffer: inout [UInt8], readLimit: Int) -> Bool {
    guard answer.isSent else {
      switch deferral.onSocket({ answer.send(on: $0) }) ?? .end {
      case .wouldBlock: return true
      case .bytes: return !answer.isSent || deferral.endSending(poll)
      default: return false
      }
    }
    switch deferral.onSocket({ $0.receive(into: &buffer) }) ?? .end {
    case .wouldBlock: return true
    case .bytes(let count):
      read += count
      return read <= readLimit
    default: return false
    }
  }
}
