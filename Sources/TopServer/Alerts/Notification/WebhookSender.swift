import Curl
import Jansson
import Linux
import Logging

/// Sends alerts that fire and that end to a webhook, on a thread of its own: what listens there may be slow or gone.
///
/// Up to ``capacity`` messages wait; beyond that the oldest is dropped and counted.
actor WebhookSender: OwnThreadActor {
  nonisolated let executor = SerialQueueExecutor(label: "webhook")
  /// How that goes, for `/alerts`.
  nonisolated let state: Latest<WebhookState>

  private let webhook: Webhook
  private let hostName: String
  private let logger: Logger
  private var client: CurlHandle?
  private nonisolated let messages: AsyncStream<Message>
  private nonisolated let waiting: AsyncStream<Message>.Continuation

  /// Messages that may wait: an alert storm must not fill the memory while nobody answers.
  static let capacity = 100
  /// Attempts for one message, and the pause before the second; each later pause is twice as long.
  private static let attempts = 5
  private static let firstPause = Duration.seconds(1)

  init(_ webhook: Webhook, hostName: String, logger: Logger) {
    self.webhook = webhook
    self.hostName = hostName
    self.logger = logger
    state = Latest(WebhookState())
    (messages, waiting) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(Self.capacity))
  }

  /// A message that waits to be sent.
  struct Message: Sendable {
    var transition: AlertTransition
    var time: Instant
  }

  /// Has a message sent in its turn; waits for nothing.
  nonisolated func send(_ message: Message) {
    guard case .dropped = waiting.yield(message) else { return }
    state.update { $0.dropped += 1 }
  }

  /// Sends what comes, in its order, until it is cancelled.
  func run(clock: some Clock<Duration>) async {
    for await message in messages {
      tellDropped()
      await deliver(message, clock: clock)
      if Task.isCancelled { return }
    }
  }

  /// How many dropped messages the log has told of.
  private var toldDropped = 0

  /// Says that messages are dropped, once for each time that all that waited was sent meanwhile.
  private func tellDropped() {
    let dropped = state.value.dropped
    guard dropped > toldDropped else { return hasToldDropping = false }
    toldDropped = dropped
    guard !hasToldDropping else { return }
    hasToldDropping = true
    logger.notice(
      "the webhook is slower than the alerts: \(Self.capacity) messages wait, and the oldest are dropped, \(dropped) so far; /alerts counts them"
    )
  }

  private var hasToldDropping = false

  private func deliver(_ message: Message, clock: some Clock<Duration>) async {
    let request = request(for: message)
    var pause = Self.firstPause
    for attempt in 1...Self.attempts {
      guard let failure = attemptOnce(request) else {
        state.update { $0.sent += 1 }
        return
      }
      state.update { $0.note(failure) }
      if attempt == Self.attempts || !failure.isWorthAnotherTry || Task.isCancelled { break }
      try? await clock.sleep(for: pause)
      pause *= 2
    }
    state.update { $0.givenUp += 1 }
    logger.notice(
      "the webhook was not told of alert \"\(message.transition.rule.name)\": \(state.value.lastError ?? "")"
    )
  }

  private struct AttemptFailure: CustomStringConvertible {
    var description: String
    /// A refusal for good is not asked again.
    var isWorthAnotherTry: Bool
  }

  /// - Returns: `nil` when the message was taken.
  private func attemptOnce(_ request: CurlRequest) -> AttemptFailure? {
    do throws(CurlError) {
      let client = try handle()
      let status = try client.perform(request).status
      if (200..<300).contains(status) { return nil }
      // See RFC 9110 section 15.5: the request itself is wrong, apart from these two.
      let isRefusal = (400..<500).contains(status) && status != 408 && status != 429
      return AttemptFailure(description: "status \(status)", isWorthAnotherTry: !isRefusal)
    } catch {
      return AttemptFailure(
        description: "\(error)", isWorthAnotherTry: error != .libraryMissing)
    }
  }

  private func handle() throws(CurlError) -> CurlHandle {
    if let client { return client }
    let made = try CurlHandle(timeout: webhook.timeout, userAgent: "topserver/\(Version.text)")
    client = made
    return made
  }

  private func request(for message: Message) -> CurlRequest {
    var members = [JSONValue.Member("host", .string(message.transition.host ?? hostName))]
    if case .object(let rest) = AlertJSON.object(message.transition, at: message.time) {
      members += rest.filter { $0.name != "host" }
    }
    return CurlRequest(
      webhook.url,
      headers: ["Content-Type: application/json"]
        + webhook.headers.map { "\($0.name): \($0.value)" },
      body: JSONValue.object(members).encoded())
  }
}

/// How the sending to a webhook goes.
struct WebhookState: Sendable, Equatable {
  /// Messages that were taken.
  var sent = 0
  /// Attempts that failed.
  var failures = 0
  /// Messages that were given up after several attempts.
  var givenUp = 0
  /// Messages that were dropped because too many waited.
  var dropped = 0
  /// The newest failure, without the address: that may be secret.
  var lastError: String?

  fileprivate mutating func note(_ failure: some CustomStringConvertible) {
    failures += 1
    lastError = failure.description
  }
}

extension AlertTransition {
  /// Whether a webhook is told: of what fires and of what ends, not of what may come.
  var isForWebhook: Bool {
    switch step {
    case .fired, .resolved: true
    case .pending, .cancelled, .lost, .found: false
    }
  }
}
