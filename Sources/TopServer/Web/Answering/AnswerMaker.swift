import MicroHTTPD

/// Makes documents from a source that is replaced regularly, such as a snapshot.
protocol AnswerMaker: Sendable {
  associatedtype Source: Sendable
  /// The document that a route serves.
  associatedtype Document: Hashable, Sendable
  /// A document with its parsed query: equal queries have equal answers, whatever their spelling.
  associatedtype Question: Hashable, Sendable
  /// Equal for queries whose documents consist of the same parts.
  associatedtype Kin: Hashable, Sendable
  /// An uncompressed document, and data that helps to make the next one.
  associatedtype Plain: PlainAnswer

  /// - Throws: A ``Problem`` when the query is invalid.
  func question(
    _ document: Document, _ query: [RequestTarget.QueryItem]
  ) throws(Problem) -> Question

  /// The approximate work of an answer, in values to compare and write.
  func work(for question: Question, _ source: Source) -> Int

  /// What an answer waits for before it is made, at most about a second.
  ///
  /// - Returns: `nil` when it need not wait.
  func preparation(for question: Question, _ source: Source) -> (@Sendable () async -> Void)?

  /// - Returns: `nil` when no other document has reusable parts.
  func kin(of question: Question) -> Kin?

  /// - Parameter before: The same document of an earlier source, or one with the same kin, whose unchanged parts are
  ///   reused.
  func plain(_ question: Question, _ source: Source, after before: Plain?) -> Plain

  /// Whether a document has changed since it was made, although its source is the same.
  func isOutdated(_ plain: Plain) -> Bool

  /// The compressed document, or `nil` when there was no memory for it.
  func gzipped(_ plain: Plain, _ source: Source) -> Response?
}

extension AnswerMaker {
  func preparation(for question: Question, _ source: Source) -> (@Sendable () async -> Void)? {
    nil
  }
}

protocol PlainAnswer: Sendable {
  var response: Response { get }
  /// Its approximate memory in bytes.
  var size: Int { get }
}
