import Linux
import Logging
import Synchronization

/// Sends the sampler's samples to a hub until it is stopped.
///
/// The sampler's thread adds samples and never waits. The agent's own thread blocks in the connection and sleeps
/// between two of them. ``OutBuffer`` keeps the samples that the hub has not stored.
actor Agent: OwnThreadActor {
  nonisolated let executor = SerialQueueExecutor(label: "agent")
  private nonisolated let line = Mutex(Line())
  private let logger: Logger
  private var backoff = Backoff()
  /// The last logged failure: each is logged once, not at every attempt.
  private var logged: String?
  /// Whether the hub has answered on this connection: a hub may also close each connection at once.
  private var isWelcome = false
  /// The last logged loss of the hub, and the time from the start of ``run(clock:random:connect:)`` until then.
  private var loggedLoss: (reason: String, at: Duration)?
  /// Whether the last loss was not logged, so that the reconnection is not logged either.
  private var isQuiet = false

  /// The time before the same loss is logged again: a hub may accept and close a connection every second.
  private static let lossPause = Duration.seconds(60)

  private struct Line: Sendable {
    var buffer = OutBuffer()
    var connection: (any AgentConnection)?
    var isStopping = false

    /// Sends as many samples as allowed; call it inside the lock, so that samples stay in order.
    mutating func send() {
      guard let connection else { return }
      let now = Instant.now().sinceBoot
      while let entry = buffer.next {
        var message = AgentMessage(
          sample: entry.sample, age: Double(max(0, now - entry.taken)) / 1e9)
        message.sample.givenUp = buffer.lost
        // When the queue is full, the next answer or sample tries again.
        guard connection.send(message.encoded()) else { return }
        buffer.sent(entry)
      }
    }
  }

  init(logger: Logger) { self.logger = logger }

  /// Queues the next sample.
  ///
  /// - Parameter taken: When the sample was taken, in nanoseconds since boot.
  nonisolated func enqueue(_ sample: HostSample, taken: Int64) {
    line.withLock { line in
      line.buffer.add(sample, taken: taken)
      line.send()
    }
  }

  /// Closes the connection, which ends ``run(clock:random:connect:)``.
  nonisolated func stop() {
    let connection = line.withLock { line in
      line.isStopping = true
      return line.connection
    }
    connection?.close()
  }

  private nonisolated var isStopping: Bool { line.withLock { $0.isStopping } }

  /// Connects again and again until it is stopped or its task is cancelled.
  ///
  /// - Parameters:
  ///   - clock: Measures the pauses between attempts, and the time between two losses.
  ///   - random: A uniform random number from 0 to 1.
  ///   - connect: Blocks until there is a connection.
  func run<C: Clock>(
    clock: C, random: () -> Double, connect: () throws(HubTrouble) -> any AgentConnection
  ) async where C.Duration == Duration {
    let start = clock.now
    var isConnected = false
    defer { logLosses(atEnd: true, isConnected: isConnected) }
    while !isStopping && !Task.isCancelled {
      logLosses()
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
          logLoss(end, at: start.duration(to: clock.now))
        } else {
          log(.passing(end))
        }
      } catch {
        wait =
          error.needsOperator
          ? Backoff.afterRefusal(random: random()) : backoff.next(random: random())
        log(error)
      }
      try? await clock.sleep(for: wait)
    }
  }

  /// Sends and receives until the connection ends.
  ///
  /// - Returns: Why it ended.
  private func serve(_ connection: any AgentConnection) -> String {
    isWelcome = false
    let isLate = line.withLock { line in
      line.connection = connection
      line.buffer.connected()
      line.send()
      return line.isStopping
    }
    // stop() was called during the connection attempt.
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
        "invalid answer: \(LogText.visible(String(decoding: text.prefix(200), as: UTF8.self)))"
      )
      return
    }
    if !isWelcome {
      isWelcome = true
      logged = nil
      if !isQuiet { logger.notice("connected") }
    }
    backoff.succeeded()
    let late = line.withLock { line in
      defer { line.send() }
      return line.buffer.answered(answer)
    }
    if let late, !isQuiet { logger.notice("\(late) samples were sent late") }
    logLosses()
  }

  /// Logs when the agent begins to drop samples, and afterwards how many it dropped.
  ///
  /// - Parameters:
  ///   - atEnd: Whether the agent is about to exit.
  ///   - isConnected: Whether a hub was connected then, and so received all but the newest samples.
  private func logLosses(atEnd: Bool = false, isConnected: Bool = true) {
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
  private func logLoss(_ reason: String, at now: Duration) {
    isQuiet = loggedLoss.map { $0.reason == reason && now - $0.at < Self.lossPause } ?? false
    guard !isQuiet else { return }
    loggedLoss = (reason, now)
    logger.warning("lost the hub: \(reason); trying again")
  }

  private func log(_ trouble: HubTrouble) {
    let text = "\(trouble)"
    guard text != logged else { return }
    logged = text
    isQuiet = false
    logger.log(level: trouble.needsOperator ? .error : .warning, "\(trouble)")
  }
}

extension OutBuffer.Loss {
  fileprivate var beginning: String {
    let oldest = RFC3339.text(nanosecondsSinceEpoch: first)
    return switch cause {
    case .unsent:
      "the hub has been unreachable for longer than \(OutBuffer.capacity) samples; dropping the oldest from \(oldest)"
    case .unrecorded:
      "the hub does not record; dropping samples that it did not store, from \(oldest)"
    }
  }

  fileprivate var sum: String {
    let span =
      "taken from \(RFC3339.text(nanosecondsSinceEpoch: first)) to \(RFC3339.text(nanosecondsSinceEpoch: last))"
    return switch cause {
    case .unsent: "\(count) samples that no hub received were dropped, \(span)"
    case .unrecorded: "\(count) samples that the hub did not record were dropped, \(span)"
    }
  }
}

extension OutBuffer.Loss.Cause {
  /// An operator chose that the hub does not record, so that is a notice.
  fileprivate var level: Logger.Level {
    switch self {
    case .unsent: .warning
    case .unrecorded: .notice
    }
  }
}

/// The agent's view of a connection to a hub.
protocol AgentConnection: Sendable {
  /// Queues a message.
  ///
  /// - Returns: `false` when the queue is full.
  func send(_ text: [UInt8]) -> Bool

  /// Blocks until the connection ends.
  ///
  /// - Parameter onText: Receives each answer.
  /// - Returns: Why it ended.
  func run(_ onText: ([UInt8]) -> Void) -> String

  /// Closes the connection, from any thread.
  func close()
}

/// Why there is no connection to a hub.
enum HubTrouble: Error, Equatable, CustomStringConvertible {
  /// A failure that may be temporary.
  case passing(String)
  /// A failure that an operator must fix, such as a wrong token.
  case lasting(String)

  var needsOperator: Bool {
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
