/// The samples of an agent that its hub does not have in its file yet, and which of them is to be sent next.
///
/// Pure: it is told what happens to the connection. A sample stays until the hub says that it is stored, so whatever
/// ends the hub, what it had only in memory is sent to it again.
struct OutBuffer: Sendable {
  /// Samples that are kept: ten minutes, at one a second.
  static let capacity = 600
  /// Messages that may be on the way without an answer: a hub that is busy sets the pace.
  static let mostUnanswered: UInt64 = 32
  /// Messages that may be sent between two samples: a hub has other agents, too.
  static let mostPerTick = 60

  struct Entry: Sendable, Equatable {
    var sample: HostSample
    /// When it was taken, in nanoseconds since boot.
    var taken: Int64
  }

  /// In order and without holes.
  private(set) var entries: [Entry] = []
  /// Samples that were given up because nobody took them for too long.
  private(set) var lost = 0
  private var isConnected = false
  /// The greatest number that a hub has answered.
  private var known: UInt64 = 0
  /// On this connection, the number that was sent last and the one that was answered last.
  private var sent: UInt64 = 0
  private var answered: UInt64 = 0
  /// Messages that may be sent before the next sample is taken.
  private var left = 0
  /// What had to wait for the connection, and was not answered yet.
  private var late: ClosedRange<UInt64>?

  /// Adds the newest sample, whose number is one more than that of the one before.
  mutating func add(_ sample: HostSample, taken: Int64) {
    if entries.count >= Self.capacity, entries.removeFirst().sample.sequence > known { lost += 1 }
    entries.append(Entry(sample: sample, taken: taken))
    left = Self.mostPerTick
  }

  /// A connection is there: all that is not stored is sent on it, the oldest first.
  mutating func connected() {
    isConnected = true
    sent = (entries.first?.sample.sequence ?? 1) - 1
    answered = sent
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
    let stored = min(answer.stored, known)
    if let first = entries.first?.sample.sequence, first <= stored {
      entries.removeFirst(min(Int(stored - first) + 1, entries.count))
    }
    guard let late, answered >= late.upperBound else { return nil }
    self.late = nil
    return late.count
  }
}
