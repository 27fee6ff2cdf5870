import Linux
import Logging
import Synchronization

/// Sends what the sampler sees to a hub, for as long as it is let.
///
/// The sampler's thread gives samples and never waits; the agent's own thread blocks in the connection, and between two
/// of them sleeps. Whatever a hub misses is kept by ``OutBuffer``.
actor Agent: OwnThreadActor {
  nonisolated let executor = SerialQueueExecutor(label: "agent")
  private nonisolated let line = Mutex(Line())
  private let logger: Logger
  private var backoff = Backoff()
  /// The trouble that was told last: each is told once, and not at every attempt.
  private var told: String?
  /// Whether the hub has answered on this connection: it may also end one at once, and would each time.
  private var isWelcome = false
  /// The loss of a hub that was logged last, and how long after the start of ``run(clock:random:connect:)``.
  private var toldLoss: (reason: String, at: Duration)?
  /// Whether the loss before this connection went untold, so that its success does, too.
  private var isQuiet = false

  /// Time before the same loss is logged again: a hub may accept an agent and close the connection every second.
  private static let lossPause = Duration.seconds(60)

  private struct Line: Sendable {
    var buffer = OutBuffer()
    var connection: (any AgentConnection)?
    var isStopping = false

    /// Sends all that may be sent now; inside the lock, so that samples stay in order.
    mutating func send() {
      guard let connection else { return }
      let now = Instant.now().sinceBoot
      while let entry = buffer.next {
        var message = AgentMessage(
          sample: entry.sample, age: Double(max(0, now - entry.taken)) / 1e9)
        message.sample.givenUp = buffer.lost
        // When too much is queued already, the next answer or sample tries again.
        guard connection.send(message.encoded()) else { return }
        buffer.sent(entry)
      }
    }
  }

  init(logger: Logger) { self.logger = logger }

  /// Takes the next sample.
  ///
  /// - Parameter taken: When it was taken, in nanoseconds since boot.
  nonisolated func enqueue(_ sample: HostSample, taken: Int64) {
    line.withLock { line in
      line.buffer.add(sample, taken: taken)
      line.send()
    }
  }

  /// Says goodbye to the hub; ``run(clock:random:connect:)`` ends then.
  nonisolated func stop() {
    let connection = line.withLock { line in
      line.isStopping = true
      return line.connection
    }
    connection?.close()
  }

  private nonisolated var isStopping: Bool { line.withLock { $0.isStopping } }

  /// Connects, again and again, until it is stopped or its task is cancelled.
  ///
  /// - Parameters:
  ///   - clock: Measures the pauses between attempts, and the time between two losses.
  ///   - random: From 0 to 1, evenly.
  ///   - connect: Blocks until there is a connection.
  func run<C: Clock>(
    clock: C, random: () -> Double, connect: () throws(HubTrouble) -> any AgentConnection
  ) async where C.Duration == Duration {
    let start = clock.now
    var isConnected = false
    defer { tellLosses(atEnd: true, isConnected: isConnected) }
    while !isStopping && !Task.isCancelled {
      tellLosses()
      let wait: Duration
      do throws(HubTrouble) {
        let connection = try connect()
        let end = serve(connection)
        guard !isStopping else {
          isConnected = isWelcome
          return
        }
        wait = backoff.next(random: random())
        if isWelcome {
          tellLoss(end, at: start.duration(to: clock.now))
        } else {
          tell(.passing(end))
        }
      } catch {
        wait =
          error.needsAPerson
          ? Backoff.afterRefusal(random: random()) : backoff.next(random: random())
        tell(error)
      }
      try? await clock.sleep(for: wait)
    }
  }

  /// Sends and listens until the connection is over.
  ///
  /// - Returns: Why it is.
  private func serve(_ connection: any AgentConnection) -> String {
    isWelcome = false
    let isLate = line.withLock { line in
      line.connection = connection
      line.buffer.connected()
      line.send()
      return line.isStopping
    }
    // Told to stop while it connected.
    if isLate { connection.close() }
    let end = connection.run { receive($0) }
    line.withLock { line in
      line.connection = nil
      line.buffer.disconnected()
    }
    return end
  }

  private func receive(_ text: [UInt8]) {
    guard let answer = try? Acknowledgement(parsing: text) else {
      logger.debug(
        "an answer that is none: \(LogText.visible(String(decoding: text.prefix(200), as: UTF8.self)))"
      )
      return
    }
    if !isWelcome {
      isWelcome = true
      told = nil
      if !isQuiet { logger.notice("connected") }
    }
    backoff.succeeded()
    let late = line.withLock { line in
      defer { line.send() }
      return line.buffer.answered(answer)
    }
    if let late, !isQuiet { logger.notice("\(late) samples were sent late") }
    tellLosses()
  }

  /// Says that samples are given up when that begins, and how many they were when it is over.
  ///
  /// - Parameters:
  ///   - atEnd: Whether this is the last word.
  ///   - isConnected: Whether a hub had all but the newest samples then.
  private func tellLosses(atEnd: Bool = false, isConnected: Bool = true) {
    let (over, new) = line.withLock { line in
      if atEnd && !isConnected { line.buffer.giveUpUnsent() }
      let new = atEnd ? [] : line.buffer.takeNewLosses()
      return (line.buffer.takeLosses(all: atEnd), new)
    }
    for loss in over { logger.notice("\(loss.sum)") }
    for loss in new where !over.contains(loss) {
      logger.log(level: loss.cause.level, "\(loss.beginning)")
    }
  }

  /// - Parameter now: The time since the start of ``run(clock:random:connect:)``.
  private func tellLoss(_ reason: String, at now: Duration) {
    isQuiet = toldLoss.map { $0.reason == reason && now - $0.at < Self.lossPause } ?? false
    guard !isQuiet else { return }
    toldLoss = (reason, now)
    logger.warning("lost the hub: \(reason); trying again")
  }

  private func tell(_ trouble: HubTrouble) {
    let text = "\(trouble)"
    guard text != told else { return }
    told = text
    isQuiet = false
    logger.log(level: trouble.needsAPerson ? .error : .warning, "\(trouble)")
  }
}

extension OutBuffer.Loss {
  fileprivate var beginning: String {
    let oldest = RFC3339.text(nanosecondsSinceEpoch: first)
    return switch cause {
    case .unsent:
      "the hub is away for longer than \(OutBuffer.capacity) samples last; the oldest are given up, from \(oldest) on"
    case .unrecorded:
      "the hub does not record; samples are given up without being stored, from \(oldest) on"
    }
  }

  fileprivate var sum: String {
    let span =
      "taken from \(RFC3339.text(nanosecondsSinceEpoch: first)) to \(RFC3339.text(nanosecondsSinceEpoch: last))"
    return switch cause {
    case .unsent: "\(count) samples that no hub has had were given up, \(span)"
    case .unrecorded: "\(count) samples that the hub did not record were given up, \(span)"
    }
  }
}

extension OutBuffer.Loss.Cause {
  /// A hub that does not record was told not to.
  fileprivate var level: Logger.Level {
    switch self {
    case .unsent: .warning
    case .unrecorded: .notice
    }
  }
}

/// A connection to a hub, as the agent needs it.
protocol AgentConnection: Sendable {
  /// Queues a message.
  ///
  /// - Returns: Whether there was room.
  func send(_ text: [UInt8]) -> Bool

  /// Blocks until the connection is over.
  ///
  /// - Parameter onText: Gets each answer.
  /// - Returns: Why it is over.
  func run(_ onText: ([UInt8]) -> Void) -> String

  /// Ends it, from any thread.
  func close()
}

/// Why there is no connection to a hub.
enum HubTrouble: Error, Equatable, CustomStringConvertible {
  /// What may mend itself.
  case passing(String)
  /// What somebody has to mend, such as a wrong token.
  case lasting(String)

  var needsAPerson: Bool {
    switch self {
    case .passing: false
    case .lasting: true
    }
  }

  var description: String {
    switch self {
    case .passing(let reason): "no connection to the hub: \(reason); trying again"
    case .lasting(let reason): "the hub cannot be used: \(reason); trying again every minute"
    }
  }
}
