import MicroHTTPD
import Synchronization

/// The answers that one snapshot gives, each made at most once and shared by all requests.
///
/// What was asked of the snapshot before is made at once, by the sampler; anything else when it is first asked for.
final class PreparedAnswers: Sendable {
  /// What was asked for: a document, with the query as the request wrote it.
  struct Key: Hashable, Sendable {
    var document: Document
    var rawQuery: String
  }

  /// An answer in both of its forms, and which of them anybody took.
  private final class Entry: Sendable {
    let query: [RequestTarget.QueryItem]
    let plain: AnswerEncoder.Plain
    let gzipped: Mutex<Response?>
    let wasAsked = Atomic(false)
    let wasAskedForGzip = Atomic(false)

    init(_ query: [RequestTarget.QueryItem], _ plain: AnswerEncoder.Plain, _ gzipped: Response?) {
      self.query = query
      self.plain = plain
      self.gzipped = Mutex(gzipped)
    }
  }

  /// Beyond so many different queries of one snapshot, answers are made for each request and not kept.
  private static let capacity = 64

  let snapshot: Snapshot
  private let encoder: AnswerEncoder
  private let entries: Mutex<[Key: Entry]>

  convenience init(_ snapshot: Snapshot, _ encoder: AnswerEncoder) {
    self.init(snapshot, encoder, entries: [:])
  }

  private init(_ snapshot: Snapshot, _ encoder: AnswerEncoder, entries: [Key: Entry]) {
    self.snapshot = snapshot
    self.encoder = encoder
    self.entries = Mutex(entries)
  }

  /// The answers of the next snapshot, with those ready that were asked for in this one.
  func successor(_ snapshot: Snapshot) -> PreparedAnswers {
    let asked = entries.withLock { entries in
      entries.filter { $0.value.wasAsked.load(ordering: .relaxed) }
    }
    var ready: [Key: Entry] = [:]
    for (key, entry) in asked {
      guard let plain = try? encoder.plain(key.document, entry.query, snapshot, after: entry.plain)
      else { continue }
      let wantsGzip = entry.wasAskedForGzip.load(ordering: .relaxed)
      let gzipped = wantsGzip ? encoder.gzipped(plain.response, snapshot) : nil
      ready[key] = Entry(entry.query, plain, gzipped)
    }
    return PreparedAnswers(snapshot, encoder, entries: ready)
  }

  /// The queries whose answers exist, for tests and for the curious.
  var preparedQueries: [String] { entries.withLock { Set($0.keys.map(\.rawQuery)).sorted() } }

  /// Picks an answer, or makes it.
  ///
  /// - Throws: a ``Problem`` when the query is bad.
  func response(
    _ document: Document, for target: RequestTarget, gzip: Bool
  ) throws(Problem) -> Response {
    let entry = try entry(Key(document: document, rawQuery: target.rawQuery), target.query)
    entry.wasAsked.store(true, ordering: .relaxed)
    return gzip ? gzipped(entry) : entry.plain.response
  }

  /// The body of a document without a query; from then on it is ready with each snapshot.
  func body(_ document: Document) -> Body? {
    guard let entry = try? entry(Key(document: document, rawQuery: ""), []) else { return nil }
    entry.wasAsked.store(true, ordering: .relaxed)
    return entry.plain.response.body
  }

  private func entry(_ key: Key, _ query: [RequestTarget.QueryItem]) throws(Problem) -> Entry {
    if let entry = entries.withLock({ $0[key] }) { return entry }
    // Outside the lock: two requests may both make it, but none waits for the other.
    let made = Entry(query, try encoder.plain(key.document, query, snapshot), nil)
    return entries.withLock { entries in
      if let first = entries[key] { return first }
      if entries.count < Self.capacity { entries[key] = made }
      return made
    }
  }

  private func gzipped(_ entry: Entry) -> Response {
    entry.wasAskedForGzip.store(true, ordering: .relaxed)
    if let ready = entry.gzipped.withLock({ $0 }) { return ready }
    guard let made = encoder.gzipped(entry.plain.response, snapshot) else {
      return entry.plain.response
    }
    return entry.gzipped.withLock { gzipped in
      gzipped = gzipped ?? made
      return gzipped ?? made
    }
  }
}
