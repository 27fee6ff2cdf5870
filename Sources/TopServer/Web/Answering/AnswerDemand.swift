/// Counts the queries to the last few sources: a query that came more than once will come again.
///
/// It is bounded: queries that were repeated displace those that came to a single source.
struct AnswerDemand<Question: Hashable & Sendable, Spelling: Sendable>: Sendable {
  /// The requests for one query to one source.
  struct Asked: Sendable {
    /// The number of requests.
    var times = 0
    var wantsGzip = false
    /// Some of the spellings that requests used.
    var spellings: [Spelling] = []
  }

  /// A query whose answer is worth preparing.
  struct Wish: Sendable {
    var question: Question
    var wantsGzip: Bool
    var spellings: [Spelling]
  }

  private struct Record: Sendable {
    /// The number of requests to each of the last sources, the newest first.
    var times: [Int]
    var wantsGzip: Bool
    var spellings: [Spelling]

    var total: Int { times.reduce(0, +) }
    var sources: Int { times.count { $0 > 0 } }
  }

  /// The number of sources to look back at.
  private static var memory: Int { 4 }
  /// The number of these sources that must have had a query before its answer is prepared.
  private static var repeats: Int { 2 }
  /// The limit of remembered queries.
  static var capacity: Int { 256 }

  private var records: [Question: Record] = [:]

  init() {}

  /// The number of remembered queries.
  var count: Int { records.count }

  /// Adds the queries to a source that was replaced.
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
    // Keep queries without repetition at random: no flood of others can displace one that comes with every source for
    // long, and after that it counts as repeated.
    let repeated = records.filter { $0.value.sources >= Self.repeats }
      .sorted { Self.isMore($0.value, $1.value) }
    let others = records.filter { $0.value.sources < Self.repeats }.shuffled()
    let kept = (repeated + others).prefix(Self.capacity)
    records = Dictionary(uniqueKeysWithValues: kept.map { ($0.key, $0.value) })
  }

  /// The queries worth preparing, the most frequent first.
  var wishes: [Wish] {
    records.filter { $0.value.sources >= Self.repeats }
      .sorted { Self.isMore($0.value, $1.value) }
      .map { Wish(question: $0, wantsGzip: $1.wantsGzip, spellings: $1.spellings) }
  }

  private static func isMore(_ left: Record, _ right: Record) -> Bool {
    left.total > right.total
  }
}
