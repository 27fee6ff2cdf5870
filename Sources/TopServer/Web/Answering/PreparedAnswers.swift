import MicroHTTPD
import Synchronization

/// The answers from one source, each made once and shared by all requests.
///
/// After this source is published, ``AnswerDesk`` prepares the answers to repeated queries; other answers are made on
/// first request.
final class PreparedAnswers<Maker: AnswerMaker>: Sendable {
  /// A query as the request spelled it: most requests are found by it without parsing.
  struct Spelling: Hashable, Sendable {
    var document: Maker.Document
    var rawQuery: String
  }

  typealias Demand = AnswerDemand<Maker.Question, Spelling>

  /// Beyond these limits, answers are made for each request and not kept.
  struct Limits: Sendable {
    var answers = 64
    /// The bytes of all kept answers of one source.
    var bytes = 32 << 20
    /// A request with a longer query is answered but not remembered.
    var queryBytes = 1024
    /// The remembered spellings of one query.
    var spellings = 4
  }

  /// An answer in both encodings, and how often it was requested.
  private final class Entry: Sendable {
    let plain: Maker.Plain
    let gzipped: Mutex<Response?>
    let times: Atomic<Int>
    let wantsGzip = Atomic(false)

    init(_ plain: Maker.Plain, _ gzipped: Response?, times: Int = 0) {
      self.plain = plain
      self.gzipped = Mutex(gzipped)
      self.times = Atomic(times)
    }

    /// The response in one encoding, if it has been made.
    func response(gzip: Bool) -> Response? {
      gzip ? gzipped.withLock { $0 } : plain.response
    }

    /// Counts a request, up to a number that is enough to rank queries.
    ///
    /// Each write invalidates the cache line of all other cores, so it stops there.
    func count(gzip: Bool) {
      if times.load(ordering: .relaxed) < 16 { times.add(1, ordering: .relaxed) }
      if gzip && !wantsGzip.load(ordering: .relaxed) { wantsGzip.store(true, ordering: .relaxed) }
    }

    var size: Int { plain.size + (gzipped.withLock { $0 }?.body.count ?? 0) }
  }

  private struct Shelf: Sendable {
    var entries: [Maker.Question: Entry] = [:]
    /// The entries by their remembered spellings.
    var spelled: [Spelling: Entry] = [:]
    var spellings: [Maker.Question: [Spelling]] = [:]
    /// The size of each entry, and their sum.
    var sizes: [Maker.Question: Int] = [:]
    var bytes = 0
    /// Questions whose answers were not kept.
    var unkept: [Maker.Question: Demand.Asked] = [:]
    /// The largest document of each kin.
    var kin: [Maker.Kin: Maker.Plain] = [:]
    /// The documents of the previous source, whose unchanged parts are reused; empty once this source is prepared.
    var former = Former()
  }

  /// The documents that a source leaves to its successor.
  private struct Former: Sendable {
    var documents: [Maker.Question: Maker.Plain] = [:]
    var kin: [Maker.Kin: Maker.Plain] = [:]
  }

  let source: Maker.Source
  let maker: Maker
  private let limits: Limits
  /// The demand at the sources before this one.
  private let demand: Demand
  private let shelf: Mutex<Shelf>

  convenience init(_ source: Maker.Source, _ maker: Maker, limits: Limits = Limits()) {
    self.init(source, maker, limits, Demand(), Former())
  }

  private init(
    _ source: Maker.Source, _ maker: Maker, _ limits: Limits, _ demand: Demand, _ former: Former
  ) {
    self.source = source
    self.maker = maker
    self.limits = limits
    self.demand = demand
    shelf = Mutex(Shelf(former: former))
  }

  /// The answers of the next source, initially none.
  func successor(_ source: Maker.Source) -> PreparedAnswers {
    let ended = shelf.withLock { $0 }
    var demand = demand
    demand.add(Self.asked(ended))
    return PreparedAnswers(
      source, maker, limits, demand,
      Former(documents: ended.entries.mapValues(\.plain), kin: ended.kin))
  }

  private static func asked(_ shelf: Shelf) -> [Maker.Question: Demand.Asked] {
    var asked = shelf.unkept
    for (question, entry) in shelf.entries {
      asked[question] = Demand.Asked(
        times: entry.times.load(ordering: .relaxed),
        wantsGzip: entry.wantsGzip.load(ordering: .relaxed),
        spellings: shelf.spellings[question] ?? [])
    }
    return asked
  }

  // MARK: - Requests

  /// The answer to a request with a known spelling, if it has been made.
  func find(_ spelling: Spelling, gzip: Bool) -> Response? {
    serve(shelf.withLock { $0.spelled[spelling] }, gzip: gzip)
  }

  /// The answer to a query, if it has been made.
  ///
  /// - Parameter spelling: Is remembered, so that the next request is found by it.
  func find(_ question: Maker.Question, spelled spelling: Spelling, gzip: Bool) -> Response? {
    let entry = shelf.withLock { shelf in
      let entry = shelf.entries[question]
      if let entry { remember(spelling, of: question, entry, &shelf) }
      return entry
    }
    return serve(entry, gzip: gzip)
  }

  /// Makes an answer on this thread.
  func make(_ question: Maker.Question, spelled spelling: Spelling, gzip: Bool) -> Response {
    if let ready = find(question, spelled: spelling, gzip: gzip) { return ready }
    let entry = entry(question, gzip: gzip)
    let response = response(of: entry, gzip: gzip)
    entry.count(gzip: gzip)
    // Count the query too: a name to search for may be long.
    guard spelling.rawQuery.utf8.count <= limits.queryBytes else { return response }
    keep(entry, for: question, spelled: [spelling], share: 2)
    return response
  }

  /// The work of an answer, see ``AnswerMaker/work(for:_:)``.
  func work(for question: Maker.Question) -> Int { maker.work(for: question, source) }

  /// The body of a document without a query; it is kept for requests.
  func body(_ document: Maker.Document) -> Body? {
    guard let question = try? maker.question(document, []) else { return nil }
    let entry = entry(question, gzip: false)
    keep(entry, for: question, spelled: [Spelling(document: document, rawQuery: "")], share: 1)
    return entry.plain.response.body
  }

  // MARK: - Preparation

  /// Makes the answers worth preparing, the most frequent first.
  ///
  /// - Parameter isOver: Called before each answer; `true` stops the work.
  func prepare(unless isOver: () -> Bool) {
    for wish in demand.wishes {
      if isOver() { break }
      let entry = entry(wish.question, gzip: wish.wantsGzip)
      if wish.wantsGzip { _ = response(of: entry, gzip: true) }
      keep(entry, for: wish.question, spelled: wish.spellings, share: 1)
    }
    let former = shelf.withLock { shelf in
      defer { shelf.former = Former() }
      return shelf.former
    }
    // Release the documents after the lock, since freeing many takes long.
    _ = former
  }

  /// The queries with prepared answers, for tests.
  var preparedQueries: [String] {
    shelf.withLock { Set($0.spelled.keys.map(\.rawQuery)).sorted() }
  }

  /// The number of kept answers and their bytes, for tests.
  var kept: (answers: Int, bytes: Int) { shelf.withLock { ($0.entries.count, $0.bytes) } }

  // MARK: - Parts

  private func serve(_ entry: Entry?, gzip: Bool) -> Response? {
    guard let entry, let response = entry.response(gzip: gzip), !maker.isOutdated(entry.plain)
    else { return nil }
    entry.count(gzip: gzip)
    return response
  }

  /// The kept entry, or a new one that is not kept yet.
  private func entry(_ question: Maker.Question, gzip: Bool) -> Entry {
    let kin = maker.kin(of: question)
    let (kept, like) = shelf.withLock { shelf in
      let like =
        shelf.former.documents[question] ?? kin.flatMap { shelf.kin[$0] ?? shelf.former.kin[$0] }
      return (shelf.entries[question], like)
    }
    if let kept, !maker.isOutdated(kept.plain) { return kept }
    // Outside the lock: two threads may make the same answer, but none waits for the other.
    let entry = Entry(
      maker.plain(question, source, after: kept?.plain ?? like), nil,
      times: kept?.times.load(ordering: .relaxed) ?? 0)
    if gzip { _ = response(of: entry, gzip: true) }
    return entry
  }

  private func response(of entry: Entry, gzip: Bool) -> Response {
    if let ready = entry.response(gzip: gzip) { return ready }
    guard let made = maker.gzipped(entry.plain, source) else { return entry.plain.response }
    return entry.gzipped.withLock { gzipped in
      gzipped = gzipped ?? made
      return gzipped ?? made
    }
  }

  /// - Parameter share: Divides the limits: answers on request may fill only half of the space, and leave the rest to
  ///   prepared ones.
  private func keep(
    _ entry: Entry, for question: Maker.Question, spelled spellings: [Spelling], share: Int
  ) {
    let size = entry.size
    let kin = maker.kin(of: question)
    shelf.withLock { shelf in
      let before = shelf.entries[question]
      let bytes = shelf.bytes - (shelf.sizes[question] ?? 0) + size
      // A kept entry may grow, since it only got its other encoding.
      guard
        before === entry
          || bytes <= limits.bytes / share
            && (before != nil || shelf.entries.count < limits.answers / share)
      else { return note(entry, question, spellings, &shelf) }
      shelf.entries[question] = entry
      (shelf.sizes[question], shelf.bytes) = (size, bytes)
      shelf.unkept[question] = nil
      if let kin, entry.plain.size > shelf.kin[kin]?.size ?? 0 { shelf.kin[kin] = entry.plain }
      for spelling in shelf.spellings[question] ?? [] { shelf.spelled[spelling] = entry }
      for spelling in spellings { remember(spelling, of: question, entry, &shelf) }
    }
  }

  /// Counts a query whose answer is not kept.
  private func note(
    _ entry: Entry, _ question: Maker.Question, _ spellings: [Spelling], _ shelf: inout Shelf
  ) {
    guard shelf.unkept[question] != nil || shelf.unkept.count < Demand.capacity else { return }
    var asked = shelf.unkept[question] ?? Demand.Asked(spellings: spellings)
    asked.times += entry.times.load(ordering: .relaxed)
    asked.wantsGzip = asked.wantsGzip || entry.wantsGzip.load(ordering: .relaxed)
    shelf.unkept[question] = asked
  }

  private func remember(
    _ spelling: Spelling, of question: Maker.Question, _ entry: Entry, _ shelf: inout Shelf
  ) {
    guard shelf.spelled[spelling] == nil, spelling.rawQuery.utf8.count <= limits.queryBytes,
      shelf.spellings[question, default: []].count < limits.spellings
    else { return }
    shelf.spellings[question, default: []].append(spelling)
    shelf.spelled[spelling] = entry
  }
}
