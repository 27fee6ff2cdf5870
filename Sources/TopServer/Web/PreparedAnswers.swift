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
  /// What was there when the snapshot came; it does not change, so that no lock is needed.
  private let ready: [Key: Entry]
  /// What was made since.
  private let made = Mutex<[Key: Entry]>([:])

  convenience init(_ snapshot: Snapshot, _ encoder: AnswerEncoder) {
    self.init(snapshot, encoder, ready: [:])
  }

  private init(_ snapshot: Snapshot, _ encoder: AnswerEncoder, ready: [Key: Entry]) {
    self.snapshot = snapshot
    self.encoder = encoder
    self.ready = ready
  }

  /// The answers of the next snapshot, with those ready that were asked for in this one.
  func successor(_ snapshot: Snapshot) -> PreparedAnswers {
    var ready: [Key: Entry] = [:]
    for (key, entry) in all where entry.wasAsked.load(ordering: .relaxed) {
      guard let plain = try? encoder.plain(key.document, entry.query, snapshot, after: entry.plain)
      else { continue }
      let wantsGzip = entry.wasAskedForGzip.load(ordering: .relaxed)
      let gzipped = wantsGzip ? encoder.gzipped(plain.response, snapshot) : nil
      ready[key] = Entry(entry.query, plain, gzipped)
    }
    return PreparedAnswers(snapshot, encoder, ready: ready)
  }

  /// The queries whose answers exist, for tests and for the curious.
  var preparedQueries: [String] { Set(all.keys.map(\.rawQuery)).sorted() }

  private var all: [Key: Entry] { made.withLock { $0 }.merging(ready) { $1 } }

  /// Picks an answer, or makes it.
  ///
  /// - Throws: a ``Problem`` when the query is bad.
  func response(
    _ document: Document, for target: RequestTarget, gzip: Bool
  ) throws(Problem) -> Response {
    let entry = try entry(Key(document: document, rawQuery: target.rawQuery), target.query)
    entry.wasAsked.set()
    return gzip ? gzipped(entry) : entry.plain.response
  }

  /// The body of a document without a query; from then on it is ready with each snapshot.
  func body(_ document: Document) -> Body? {
    guard let entry = try? entry(Key(document: document, rawQuery: ""), []) else { return nil }
    entry.wasAsked.set()
    return entry.plain.response.body
  }

  private func entry(_ key: Key, _ query: [RequestTarget.QueryItem]) throws(Problem) -> Entry {
    if let entry = ready[key] ?? made.withLock({ $0[key] }) { return entry }
    // Outside the lock: two requests may both make it, but none waits for the other.
    let entry = Entry(query, try encoder.plain(key.document, query, snapshot), nil)
    return made.withLock { made in
      if let first = made[key] { return first }
      if ready.count + made.count < Self.capacity { made[key] = entry }
      return entry
    }
  }

  private func gzipped(_ entry: Entry) -> Response {
    entry.wasAskedForGzip.set()
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

extension Atomic<Bool> {
  /// Writes only where that changes something, since a write takes the line from the caches of all other cores.
  fileprivate func set() {
    if !load(ordering: .relaxed) { store(true, ordering: .relaxed) }
  }
}
