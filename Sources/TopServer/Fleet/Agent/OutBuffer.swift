/// The samples of an agent that its hub does not have in its file yet, and which of them is to be sent next.
///
/// Pure: it is told what happens to the connection. A sample stays until the hub says that it is stored, so whatever
/// ends the hub, what it had only in memory is sent to it again. Beyond its capacity the oldest are given up.
struct OutBuffer: Sendable {
  /// Samples that are kept: ten minutes, at one a second.
  static let capacity = 600
  /// Messages that may be on the way without an answer: a hub that is busy sets the pace.
  static let mostUnanswered: UInt64 = 32
  /// Messages that may be sent between two samples: a hub has other agents, too.
  static let mostPerTick = 60
  /// Nanoseconds between two times that a hub may have samples sent again: more often would look like a flood.
  private static let resendPause: Int64 = 60_000_000_000

  struct Entry: Sendable, Equatable {
    var sample: HostSample
    /// When it was taken, in nanoseconds since boot.
    var taken: Int64
  }

  /// Samples that were given up since that was told last.
  struct Loss: Sendable, Equatable {
    /// Why they were in the way.
    enum Cause: Sendable, Equatable {
      /// No hub has had them.
      case unsent
      /// A hub had them, and did not record them.
      case unrecorded
    }

    var cause: Cause
    var count: UInt64 = 0
    /// When the first and the last of them were taken, in nanoseconds since the epoch.
    var first: Int64
    var last: Int64
  }

  /// In order and without holes.
  private(set) var entries: [Entry] = []
  /// Samples that no hub has had and that were given up, since the start.
  private(set) var lost: UInt64 = 0
  /// What is being given up, until it is over and told.
  private var losses: [Loss] = []
  /// The causes whose beginning was told.
  private var told: [Loss.Cause] = []
  private var isConnected = false
  /// Whether the hub records, as far as it has said so.
  private var isRecorded = true
  /// The greatest number that a hub has answered.
  private var known: UInt64 = 0
  /// On this connection, the number that was sent last and the one that was answered last.
  private var sent: UInt64 = 0
  private var answered: UInt64 = 0
  /// Messages that may be sent before the next sample is taken.
  private var left = 0
  /// What had to wait for the connection, and was not answered yet.
  private var late: ClosedRange<UInt64>?
  /// On this connection, the greatest number that had been sent when the hub wanted some again, and when that was.
  private var resent: (through: UInt64, at: Int64)?

  /// Adds the newest sample, whose number is one more than that of the one before.
  mutating func add(_ sample: HostSample, taken: Int64) {
    if entries.count >= Self.capacity { giveUp(entries.removeFirst().sample) }
    entries.append(Entry(sample: sample, taken: taken))
    left = Self.mostPerTick
  }

  private mutating func giveUp(_ sample: HostSample) {
    let cause = sample.sequence > known ? Loss.Cause.unsent : .unrecorded
    // What a hub that records has in memory comes into its file a minute or two later.
    guard cause == .unsent || !isRecorded else { return }
    if cause == .unsent { lost += 1 }
    let place = losses.firstIndex { $0.cause == cause } ?? losses.count
    if place == losses.count {
      losses.append(Loss(cause: cause, first: sample.time, last: sample.time))
    }
    losses[place].count += 1
    losses[place].last = sample.time
  }

  /// A connection is there: all that is not stored is sent on it, the oldest first.
  mutating func connected() {
    isConnected = true
    sent = (entries.first?.sample.sequence ?? 1) - 1
    answered = sent
    resent = nil
    left = Self.mostPerTick
    late = nil
    let first = max(known, sent) + 1
    // The newest is on time.
    if let newest = entries.last?.sample.sequence, first < newest { late = first...newest - 1 }
  }

  mutating func disconnected() { isConnected = false }

  /// What is to be sent now.
  ///
  /// - Returns: `nil` when there is nothing, or when the pace does not allow it yet.
  var next: Entry? {
    guard isConnected, left > 0, sent - answered < Self.mostUnanswered,
      let first = entries.first?.sample.sequence
    else { return nil }
    // What was stored or given up meanwhile needs no sending.
    let place = max(sent + 1, first) - first
    return place < entries.count ? entries[Int(place)] : nil
  }

  /// Says that ``next`` was sent.
  mutating func sent(_ entry: Entry) {
    sent = entry.sample.sequence
    left -= 1
  }

  /// Takes what the hub answered.
  ///
  /// - Returns: How many samples had to wait, when the last of them has arrived now.
  mutating func answered(_ answer: Acknowledgement) -> Int? {
    // A hub cannot know of what was not sent.
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

  /// Goes back to a number, once all that was sent again the last time is answered.
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

  // MARK: - What was given up

  /// The agent ends: what no hub has had is given up.
  mutating func giveUpUnsent() {
    for entry in entries where entry.sample.sequence > known { giveUp(entry.sample) }
    entries.removeAll { $0.sample.sequence > known }
  }

  /// The losses that have begun and that nobody was told of, each once.
  mutating func takeNewLosses() -> [Loss] {
    defer { told = losses.map(\.cause) }
    return losses.filter { !told.contains($0.cause) }
  }

  /// The losses that are over, to be told with their numbers: a hub answers again, or records again.
  ///
  /// - Parameter all: Whether those that go on are told, too, since this is the end.
  mutating func takeLosses(all: Bool = false) -> [Loss] {
    let isHeard = isConnected && entries.first.map { $0.sample.sequence <= answered } ?? true
    let over = losses.filter { loss in
      switch loss.cause {
      case .unsent: all || isHeard
      case .unrecorded: all || isRecorded
      }
    }
    losses.removeAll { over.contains($0) }
    told = losses.map(\.cause)
    return over
  }
}
