/// The agent's samples that are not in the hub's file yet, and which of them to send next.
///
/// Pure: the caller reports what happens to the connection. A sample stays until the hub says that it is stored, so
/// that a restarted hub receives the samples again that it had only in memory. Beyond the capacity the oldest samples
/// are dropped.
struct OutBuffer: Sendable {
  /// The limit of kept samples: ten minutes, at one a second.
  static let capacity = 600
  /// The limit of unanswered messages, so that a busy hub sets the pace.
  static let mostUnanswered: UInt64 = 32
  /// The limit of messages between two samples, since a hub also serves other agents.
  static let mostPerTick = 60
  /// The minimum time between two resends that a hub requests, in nanoseconds; more often would exceed its rate limit.
  private static let resendPause: Int64 = 60_000_000_000

  struct Entry: Sendable, Equatable {
    var sample: HostSample
    /// When it was taken, in nanoseconds since boot.
    var taken: Int64
  }

  /// Dropped samples that have not been reported.
  struct Loss: Sendable, Equatable {
    /// Why they were still in the buffer.
    enum Cause: Sendable, Equatable {
      /// No hub received them.
      case unsent
      /// A hub received them but did not record them.
      case unrecorded
    }

    var cause: Cause
    var count: UInt64 = 0
    /// When the first and the last of them were taken, in nanoseconds since the epoch.
    var first: Int64
    var last: Int64
  }

  /// Ascending, without gaps.
  private(set) var entries: [Entry] = []
  /// The number of dropped samples that no hub received, since the start.
  private(set) var lost: UInt64 = 0
  /// The losses that continue or are not reported yet.
  private var losses: [Loss] = []
  /// The causes whose beginning was reported.
  private var reported: [Loss.Cause] = []
  private var isConnected = false
  /// Whether the hub records, according to its last answer.
  private var isRecorded = true
  /// The highest sequence number that a hub has answered.
  private var known: UInt64 = 0
  /// The numbers last sent and last answered on this connection.
  private var sent: UInt64 = 0
  private var answered: UInt64 = 0
  /// The number of messages that may be sent before the next sample.
  private var left = 0
  /// The samples that waited for the connection and are not answered yet.
  private var late: ClosedRange<UInt64>?
  /// The highest number sent when the hub last requested a resend on this connection, and the time of that request.
  private var resent: (through: UInt64, at: Int64)?

  /// Adds the newest sample, whose number is one more than the previous one.
  mutating func add(_ sample: HostSample, taken: Int64) {
    if entries.count >= Self.capacity { giveUp(entries.removeFirst().sample) }
    entries.append(Entry(sample: sample, taken: taken))
    left = Self.mostPerTick
  }

  private mutating func giveUp(_ sample: HostSample) {
    let cause = sample.sequence > known ? Loss.Cause.unsent : .unrecorded
    // A hub that records writes the sample to its file within two minutes.
    guard cause == .unsent || !isRecorded else { return }
    if cause == .unsent { lost += 1 }
    let place = losses.firstIndex { $0.cause == cause } ?? losses.count
    if place == losses.count {
      losses.append(Loss(cause: cause, first: sample.time, last: sample.time))
    }
    losses[place].count += 1
    losses[place].last = sample.time
  }

  /// Starts a connection, on which every sample that is not stored is sent, the oldest first.
  mutating func connected() {
    isConnected = true
    sent = (entries.first?.sample.sequence ?? 1) - 1
    answered = sent
    resent = nil
    left = Self.mostPerTick
    late = nil
    let first = max(known, sent) + 1
    // The newest sample is not late.
    if let newest = entries.last?.sample.sequence, first < newest { late = first...newest - 1 }
  }

  mutating func disconnected() { isConnected = false }

  /// The next sample to send.
  ///
  /// - Returns: `nil` when there is none, or when the pace does not allow one yet.
  var next: Entry? {
    guard isConnected, left > 0, sent - answered < Self.mostUnanswered,
      let first = entries.first?.sample.sequence
    else { return nil }
    // Skip samples that were stored or dropped meanwhile.
    let place = max(sent + 1, first) - first
    return place < entries.count ? entries[Int(place)] : nil
  }

  /// Records that ``next`` was sent.
  mutating func sent(_ entry: Entry) {
    sent = entry.sample.sequence
    left -= 1
  }

  /// Records an answer of the hub.
  ///
  /// - Returns: The number of samples that had waited for the connection, once the last of them is answered.
  mutating func answered(_ answer: Acknowledgement) -> Int? {
    // Ignore a number that was never sent.
    answered = max(answered, min(answer.sequence, sent))
    known = max(known, answered)
    isRecorded = answer.isRecording
    let stored = min(answer.stored, known)
    if let first = entries.first?.sample.sequence, first <= stored {
      entries.removeFirst(min(Int(stored - first) + 1, entries.count))
    }
    if let again = answer.again { resend(from: again, answer.sequence) }
    guard let late, answered >= late.upperBound else { return nil }
    self.late = nil
    return late.count
  }

  /// Returns to an earlier number, unless samples of the last resend are still unanswered.
  private mutating func resend(from number: UInt64, _ answered: UInt64) {
    guard isConnected, let first = entries.first?.sample.sequence, let newest = entries.last?.taken,
      number <= sent
    else { return }
    if let resent {
      guard answered > resent.through, newest - resent.at >= Self.resendPause else { return }
    }
    resent = (sent, newest)
    sent = max(number, first) - 1
    self.answered = min(self.answered, sent)
  }

  // MARK: - Losses

  /// Drops the samples that no hub received, when the agent exits.
  mutating func giveUpUnsent() {
    for entry in entries where entry.sample.sequence > known { giveUp(entry.sample) }
    entries.removeAll { $0.sample.sequence > known }
  }

  /// The losses that have begun and have not been reported, each once.
  mutating func takeNewLosses() -> [Loss] {
    defer { reported = losses.map(\.cause) }
    return losses.filter { !reported.contains($0.cause) }
  }

  /// The losses that are over because a hub answers or records again; report them with their counts.
  ///
  /// - Parameter all: Whether to include losses that continue, since the agent exits.
  mutating func takeLosses(all: Bool = false) -> [Loss] {
    let isHeard = isConnected && entries.first.map { $0.sample.sequence <= answered } ?? true
    let over = losses.filter { loss in
      switch loss.cause {
      case .unsent: all || isHeard
      case .unrecorded: all || isRecorded
      }
    }
    losses.removeAll { over.contains($0) }
    reported = losses.map(\.cause)
    return over
  }
}
