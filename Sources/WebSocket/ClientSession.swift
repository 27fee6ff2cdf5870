import Linux

/// A running client connection.
///
/// Its single thread waits for the socket, for messages to send, and for timeouts.
///
/// `@unchecked Sendable`: it is handed to the one thread that runs it, and no other thread keeps a reference.
final class ClientSession: @unchecked Sendable {
  private let stream: any ClientStream
  private let limits: WebSocketLimits
  private let times: LoopTimes
  private let mail: ClientMail
  private let framing: Framing

  /// Received bytes that were not processed yet, because too many messages wait to be sent.
  private var unread: ArraySlice<UInt8>
  private var unsent: ArraySlice<UInt8> = []
  private var buffer = [UInt8](repeating: 0, count: 4 << 10)
  /// Times in nanoseconds on `CLOCK_MONOTONIC`, as in ``LoopSocket``.
  private var heard: Int64
  private var asked: Int64
  private var stuck: Int64?
  private var closing: Int64?
  private var lost: String?

  init(
    _ stream: any ClientStream, _ limits: WebSocketLimits, _ mail: ClientMail, earlyBytes: [UInt8]
  ) {
    self.stream = stream
    self.limits = limits
    self.mail = mail
    times = LoopTimes(limits)
    framing = Framing(.client, limits)
    unread = earlyBytes[...]
    heard = Instant.monotonicNow()
    asked = heard
  }

  func run(_ onText: ([UInt8]) -> Void) -> WebSocketClosure {
    defer { mail.finish() }
    guard let poll = makePoll() else { return .lost("the limit of open files is reached") }
    while lost == nil {
      let now = Instant.monotonicNow()
      sendMail(at: now)
      receive(onText, at: now)
      send(at: now)
      if framing.isOver && unsent.isEmpty { break }
      checkTimes(at: now)
      if lost == nil && !hasMore { wait(poll, atMost: deadline - now) }
    }
    stream.endSending()
    return framing.closure ?? .lost(lost ?? "")
  }

  /// Whether there is work that no file event will announce.
  private var hasMore: Bool {
    if mail.hasTexts && framing.queued < limits.queuedMessages && closing == nil { return true }
    return unread.isEmpty ? stream.hasMore : unsent.isEmpty
  }

  // MARK: - Waiting

  private func makePoll() -> EventPoll? {
    guard let poll = try? EventPoll(),
      (try? poll.add(stream.socket.descriptor, as: 1, for: .reading)) != nil,
      (try? poll.add(mail.wakeUp.descriptor, as: 0, for: .reading)) != nil
    else { return nil }
    return poll
  }

  private func wait(_ poll: EventPoll, atMost patience: Int64) {
    var interest: EventPoll.Interest = []
    if unread.isEmpty { interest.insert(.reading) }
    if !unsent.isEmpty { interest.insert(.writing) }
    try? poll.change(stream.socket.descriptor, as: 1, to: interest)
    // Only this thread uses the poll's file, so waiting cannot fail.
    for event in (try? poll.wait(atMost: patience)) ?? [] {
      if event.token == 0 { mail.wakeUp.hear() }
      // A hang-up is handled here because a socket that is not read would not report it otherwise.
      if event.isBroken && !unread.isEmpty { lost = "the connection is broken" }
    }
  }

  private var deadline: Int64 {
    if let closing { return closing + times.close }
    let silence = min(heard + times.idle, max(heard, asked) + times.ping)
    return min(silence, stuck.map { $0 + times.send } ?? .max)
  }

  private func checkTimes(at now: Int64) {
    guard deadline <= now else { return }
    if closing != nil {
      lost = "the peer did not answer the close"
    } else if let stuck, stuck + times.send <= now {
      lost = "the peer does not read"
    } else if heard + times.idle <= now {
      lost = "the peer sent nothing"
    } else {
      asked = now
      framing.ping()
      send(at: now)
    }
  }

  // MARK: - In and out

  private func sendMail(at now: Int64) {
    guard closing == nil else { return }
    for text in mail.dequeue(limits.queuedMessages - framing.queued) { framing.send(.text(text)) }
    guard let close = mail.close else { return }
    framing.close(code: close.code, reason: close.reason)
    closing = now
  }

  private func receive(_ onText: ([UInt8]) -> Void, at now: Int64) {
    if unread.isEmpty {
      switch stream.receive(into: &buffer) {
      case .bytes(let count): unread = buffer[..<count]
      case .wouldBlock: break
      case .end: lost = "the connection ended without a close"
      case .lost(let reason): lost = reason
      }
    }
    guard !unread.isEmpty else { return }
    let before = framing.arrivals
    let taken = framing.receive(unread) { message in
      guard closing == nil else { return }
      switch message {
      case .text(let bytes): onText(bytes)
      case .binary:
        framing.close(code: 1003, reason: "only text messages are supported")
        closing = now
      }
    }
    if framing.arrivals > before { heard = now }
    let isDone = taken == unread.count || !framing.wantsInput
    unread = isDone ? [] : unread.dropFirst(taken)
  }

  private func send(at now: Int64) {
    while lost == nil {
      if unsent.isEmpty {
        var output: [UInt8] = []
        if framing.wantsOutput { framing.takeOutput(into: &output, upTo: 16 << 10) }
        guard !output.isEmpty else {
          stuck = nil
          return
        }
        unsent = output[...]
      }
      switch stream.send(unsent) {
      case .bytes(let count):
        stuck = nil
        unsent = count == unsent.count ? [] : unsent.dropFirst(count)
      case .wouldBlock:
        stuck = stuck ?? now
        return
      case .end: return
      case .lost(let reason): lost = reason
      }
    }
  }
}
