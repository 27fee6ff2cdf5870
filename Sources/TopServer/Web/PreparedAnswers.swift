import Deflate
import Jansson
import MicroHTTPD
import Synchronization

/// The answers that one snapshot gives, each made at most once and shared by all requests.
///
/// What was asked of the snapshot before is made at once, by the sampler; anything else when it is first asked for.
final class PreparedAnswers: Sendable {
  /// One form of an answer: the query as the request wrote it, and the encoding.
  struct Key: Hashable, Sendable {
    var document: Document
    var rawQuery: String
    var gzip: Bool
  }

  /// A response, and whether anybody took it.
  private final class Entry: Sendable {
    let response: Response
    let query: [RequestTarget.QueryItem]
    let wasAsked = Atomic(false)

    init(_ response: Response, _ query: [RequestTarget.QueryItem]) {
      self.response = response
      self.query = query
    }
  }

  /// Beyond so many different queries of one snapshot, answers are made for each request and not kept.
  private static let capacity = 64

  let snapshot: Snapshot
  private let encoder: AnswerEncoder
  private let entries = Mutex<[Key: Entry]>([:])

  init(_ snapshot: Snapshot, _ encoder: AnswerEncoder) {
    self.snapshot = snapshot
    self.encoder = encoder
  }

  /// The answers of the next snapshot, with those ready that were asked for in this one.
  func successor(_ snapshot: Snapshot) -> PreparedAnswers {
    let next = PreparedAnswers(snapshot, encoder)
    let asked = entries.withLock { $0.filter { $0.value.wasAsked.load(ordering: .relaxed) } }
    for (key, entry) in asked {
      if let response = try? next.make(key, entry.query) { next.keep(response, key, entry.query) }
    }
    return next
  }

  /// The queries whose answers exist, for tests and for the curious.
  var preparedQueries: [String] { entries.withLock { Set($0.keys.map(\.rawQuery)).sorted() } }

  /// - Throws: a ``Problem`` when the query is bad.
  func response(
    _ document: Document, for target: RequestTarget, gzip: Bool
  ) throws(Problem) -> Response {
    try response(Key(document: document, rawQuery: target.rawQuery, gzip: gzip), target.query)
  }

  private func response(_ key: Key, _ query: [RequestTarget.QueryItem]) throws(Problem) -> Response
  {
    if let entry = entries.withLock({ $0[key] }) {
      entry.wasAsked.store(true, ordering: .relaxed)
      return entry.response
    }
    let response = try make(key, query)
    keep(response, key, query)?.wasAsked.store(true, ordering: .relaxed)
    return response
  }

  @discardableResult
  private func keep(
    _ response: Response, _ key: Key, _ query: [RequestTarget.QueryItem]
  ) -> Entry? {
    let entry = Entry(response, query)
    return entries.withLock { entries in
      guard entries.count < Self.capacity else { return nil }
      entries[key] = entry
      return entry
    }
  }

  private func make(_ key: Key, _ items: [RequestTarget.QueryItem]) throws(Problem) -> Response {
    guard key.gzip else { return try encoder.response(key.document, items, snapshot) }
    var plainKey = key
    plainKey.gzip = false
    let plain = try response(plainKey, items)
    return encoder.gzipped(plain, snapshot) ?? plain
  }
}
