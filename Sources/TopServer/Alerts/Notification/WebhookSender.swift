import Curl
import Jansson
import Linux
import Logging

/// Sends firing and resolved alerts to a webhook, on its own thread because the receiver may be slow or down.
///
/// Up to ``capacity`` messages wait; beyond that the oldest is dropped and counted.
actor WebhookSender: OwnThreadActor {
  nonisolated let executor = SerialQueueExecutor(label: "webhook")
  /// The counters for `/alerts`.
  nonisolated let state: Latest<WebhookState>

  private let webhook: Webhook
  private let hostName: String
  private let logger: Logger
  private var client: CurlHandle?
  private nonisolated let messages: AsyncStream<Message>
  private nonisolated let waiting: AsyncStream<Message>.Continuation

  /// The limit of waiting messages, so that an alert storm cannot fill the memory while the receiver is down.
  static let capacity = 100
  /// The attempts for one message, and the pause before the second; each later pause doubles.
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

  /// Queues a message and never blocks.
  nonisolated func send(_ message: Message) {
    guard case .dropped = waiting.yield(message) else { return }
    state.update { $0.dropped += 1 }
  }

  /// Sends the queued messages in order until the task is cancelled.
  func run(clock: some Clock<Duration>) async {
    for await message in messages {
      reportDropped()
      await deliver(message, clock: clock)
      if Task.isCancelled { return }
    }
  }

  /// The number of dropped messages at the last check.
  private var knownDropped = 0

  /// Logs that messages are dropped, once until all waiting messages have been sent.
  private func reportDropped() {
    let dropped = state.value.dropped
    guard dropped > knownDropped else { return hasReportedDropping = false }
    knownDropped = dropped
    guard !hasReportedDropping else { return }
    hasReportedDropping = true
    logger.notice(
      "the webhook cannot keep up with the alerts: \(Self.capacity) messages wait, and the oldest are dropped, \(dropped) so far; /alerts counts them"
    )
  }

  private var hasReportedDropping = false

  private func deliver(_ message: Message, clock: some Clock<Duration>) async {
    let request = request(for: message)
    var pause = Self.firstPause
    for attempt in 1...Self.attempts {
      guard let failure = attemptOnce(request) else {
        state.update { $0.sent += 1 }
        return
      }
      state.update { $0.note(failure) }
      if attempt == Self.attempts || !failure.mayRetry || Task.isCancelled { break }
      try? await clock.sleep(for: pause)
      pause *= 2
    }
    state.update { $0.givenUp += 1 }
    logger.notice(
      "the webhook did not receive alert \"\(message.transition.rule.name)\": \(state.value.lastError ?? "")"
    )
  }

  private struct AttemptFailure: CustomStringConvertible {
    var description: String
    /// Whether another attempt may succeed; a permanent rejection is not repeated.
    var mayRetry: Bool
  }

  /// - Returns: `nil` when the receiver accepted the message.
  private func attemptOnce(_ request: CurlRequest) -> AttemptFailure? {
    do throws(CurlError) {
      let client = try handle()
      let status = try client.perform(request).status
      if (200..<300).contains(status) { return nil }
      // A client error (RFC 9110 section 15.5) is permanent, except for 408 and 429.
      let isRefusal = (400..<500).contains(status) && status != 408 && status != 429
      return AttemptFailure(description: "status \(status)", mayRetry: !isRefusal)
    } catch {
      return AttemptFailure(description: "\(error)", mayRetry: error != .libraryMissing)
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

/// The counters of a webhook.
struct WebhookState: Sendable, Equatable {
  /// Messages that the receiver accepted.
  var sent = 0
  /// Failed attempts.
  var failures = 0
  /// Messages abandoned after the last attempt.
  var givenUp = 0
  /// Messages dropped because too many waited.
  var dropped = 0
  /// The newest failure, without the URL, which may be secret.
  var lastError: String?

  fileprivate mutating func note(_ failure: some CustomStringConvertible) {
    failures += 1
    lastError = failure.description
  }
}

extension AlertTransition {
  /// Whether the webhook receives the step: only firing and resolved alerts.
  var isForWebhook: Bool {
    switch step {
    case .fired, .resolved: true
    case .pending, .cancelled, .lost, .found: false
    }
  }
}
