import MicroHTTPD
import Synchronization

/// Makes documents from a source that is replaced again and again, such as a snapshot.
protocol AnswerMaker: Sendable {
  associatedtype Source: Sendable
  associatedtype Document: Hashable, Sendable
  /// A document in plain form, and what helps to make the next one.
  associatedtype Plain: PlainAnswer

  /// - Parameters:
  ///   - query: As it stood in the request.
  ///   - before: The same document of an earlier source, to take over what did not change.
  /// - Throws: a ``Problem`` when the query is bad.
  func plain(
    _ document: Document, _ query: [RequestTarget.QueryItem], _ source: Source, after before: Plain?
  ) throws(Problem) -> Plain

  /// The compressed form of a response, or `nil` when there was no memory for it.
  func gzipped(_ plain: Response, _ source: Source) -> Response?
}

protocol PlainAnswer: Sendable {
  var response: Response { get }
}

/// The answers that one source gives, each made at most once and shared by all requests.
///
/// What was asked of the source before is made at once, by whoever has the new one; anything else when it is first asked
/// for.
final class PreparedAnswers<Maker: AnswerMaker>: Sendable {
  /// What was asked for: a document, with the query as the request wrote it.
  struct Key: Hashable, Sendable {
    var document: Maker.Document
    var rawQuery: String
  }

  /// An answer in both of its forms, and which of them anybody took.
  private final class Entry: Sendable {
    let query: [RequestTarget.QueryItem]
    let plain: Maker.Plain
    let gzipped: Mutex<Response?>
    let wasAsked = Atomic(false)
    let wasAskedForGzip = Atomic(false)

    init(_ query: [RequestTarget.QueryItem], _ plain: Maker.Plain, _ gzipped: Response?) {
      self.query = query
      self.plain = plain
      self.gzipped = Mutex(gzipped)
    }
  }

  /// Beyond so many different queries of one source, answers are made for each request and not kept.
  private static var capacity: Int { 64 }

  let source: Maker.Source
  private let maker: Maker
  /// What was there when the source came; it does not change, so that no lock is needed.
  private let ready: [Key: Entry]
  /// What was made since.
  private let made = Mutex<[Key: Entry]>([:])

  convenience init(_ source: Maker.Source, _ maker: Maker) {
    self.init(source, maker, ready: [:])
  }

  private init(_ source: Maker.Source, _ maker: Maker, ready: [Key: Entry]) {
    self.source = source
    self.maker = maker
    self.ready = ready
  }

  /// The answers of the next source, with those ready that were asked for in this one.
  func successor(_ source: Maker.Source) -> PreparedAnswers {
    var ready: [Key: Entry] = [:]
    for (key, entry) in all where entry.wasAsked.load(ordering: .relaxed) {
      guard let plain = try? maker.plain(key.document, entry.query, source, after: entry.plain)
      else { continue }
      let wantsGzip = entry.wasAskedForGzip.load(ordering: .relaxed)
      let gzipped = wantsGzip ? maker.gzipped(plain.response, source) : nil
      ready[key] = Entry(entry.query, plain, gzipped)
    }
    return PreparedAnswers(source, maker, ready: ready)
  }

  /// The queries whose answers exist, for tests and for the curious.
  var preparedQueries: [String] { Set(all.keys.map(\.rawQuery)).sorted() }

  private var all: [Key: Entry] { made.withLock { $0 }.merging(ready) { $1 } }

  /// Picks an answer, or makes it.
  ///
  /// - Throws: a ``Problem`` when the query is bad.
  func response(
    _ document: Maker.Document, for target: RequestTarget, gzip: Bool
  ) throws(Problem) -> Response {
    let entry = try entry(Key(document: document, rawQuery: target.rawQuery), target.query)
    entry.wasAsked.set()
    return gzip ? gzipped(entry) : entry.plain.response
  }

  /// The body of a document without a query; from then on it is ready with each source.
  func body(_ document: Maker.Document) -> Body? {
    guard let entry = try? entry(Key(document: document, rawQuery: ""), []) else { return nil }
    entry.wasAsked.set()
    return entry.plain.response.body
  }

  private func entry(_ key: Key, _ query: [RequestTarget.QueryItem]) throws(Problem) -> Entry {
    if let entry = ready[key] ?? made.withLock({ $0[key] }) { return entry }
    // Outside the lock: two requests may both make it, but none waits for the other.
    let entry = Entry(query, try maker.plain(key.document, query, source, after: nil), nil)
    return made.withLock { made in
      if let first = made[key] { return first }
      if ready.count + made.count < Self.capacity { made[key] = entry }
      return entry
    }
  }

  private func gzipped(_ entry: Entry) -> Response {
    entry.wasAskedForGzip.set()
    if let ready = entry.gzipped.withLock({ $0 }) { return ready }
    guard let made = maker.gzipped(entry.plain.response, source) else {
      return entry.plain.response
    }
    return entry.gzipped.withLock { gzipped in
      gzipped = gzipped ?? made
      return gzipped ?? made
    }
  }
}

extension PreparedAnswers<AnswerEncoder> {
  var snapshot: Snapshot { source }
}

extension Atomic<Bool> {
  /// Writes only where that changes something, since a write takes the line from the caches of all other cores.
  fileprivate func set() {
    if !load(ordering: .relaxed) { store(true, ordering: .relaxed) }
  }
}
