/// Which questions were asked of the last few sources, and how often: those that came more than once will come again.
///
/// Bounded: what was asked of one source only makes room for what is repeated.
struct AnswerDemand<Question: Hashable & Sendable, Spelling: Sendable>: Sendable {
  /// How a question was asked of one source.
  struct Asked: Sendable {
    /// How often.
    var times = 0
    var wantsGzip = false
    /// Some of the ways in which requests wrote it.
    var spellings: [Spelling] = []
  }

  /// A question whose answer is worth preparing.
  struct Wish: Sendable {
    var question: Question
    var wantsGzip: Bool
    var spellings: [Spelling]
  }

  private struct Record: Sendable {
    /// How often each of the last sources was asked it, the newest first.
    var times: [Int]
    var wantsGzip: Bool
    var spellings: [Spelling]

    var total: Int { times.reduce(0, +) }
    var sources: Int { times.count { $0 > 0 } }
  }

  /// Sources that are looked back at.
  private static var memory: Int { 4 }
  /// A question that so many of them were asked is prepared.
  private static var repeats: Int { 2 }
  /// Questions that are remembered.
  static var capacity: Int { 256 }

  private var records: [Question: Record] = [:]

  init() {}

  /// Questions that are remembered.
  var count: Int { records.count }

  /// A source has ended; this was asked of it.
  mutating func add(_ asked: [Question: Asked]) {
    for (question, var record) in records {
      let newest = asked[question]
      record.times.insert(newest?.times ?? 0, at: 0)
      if record.times.count > Self.memory { record.times.removeLast() }
      if let newest, newest.times > 0 {
        (record.wantsGzip, record.spellings) = (newest.wantsGzip, newest.spellings)
      }
      records[question] = record.sources > 0 ? record : nil
    }
    for (question, newest) in asked where newest.times > 0 && records[question] == nil {
      records[question] = Record(
        times: [newest.times], wantsGzip: newest.wantsGzip, spellings: newest.spellings)
    }
    guard records.count > Self.capacity else { return }
    // Of those that came once, chance decides: however many others come, one that is asked of each source stays soon, and
    // then it is repeated.
    let repeated = records.filter { $0.value.sources >= Self.repeats }
      .sorted { Self.isMore($0.value, $1.value) }
    let others = records.filter { $0.value.sources < Self.repeats }.shuffled()
    let kept = (repeated + others).prefix(Self.capacity)
    records = Dictionary(uniqueKeysWithValues: kept.map { ($0.key, $0.value) })
  }

  /// What is worth preparing, the most asked first.
  var wishes: [Wish] {
    records.filter { $0.value.sources >= Self.repeats }
      .sorted { Self.isMore($0.value, $1.value) }
      .map { Wish(question: $0, wantsGzip: $1.wantsGzip, spellings: $1.spellings) }
  }

  private static func isMore(_ left: Record, _ right: Record) -> Bool {
    left.total > right.total
  }
}
