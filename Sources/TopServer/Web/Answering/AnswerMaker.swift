import MicroHTTPD

/// Makes documents from a source that is replaced again and again, such as a snapshot.
protocol AnswerMaker: Sendable {
  associatedtype Source: Sendable
  /// What a route serves.
  associatedtype Document: Hashable, Sendable
  /// A document with its query, understood: equal questions have equal answers, however they were spelled.
  associatedtype Question: Hashable, Sendable
  /// What questions have in common whose documents are made of the same parts.
  associatedtype Kin: Hashable, Sendable
  /// A document in plain form, and what helps to make the next one.
  associatedtype Plain: PlainAnswer

  /// - Throws: a ``Problem`` when the query is bad.
  func question(
    _ document: Document, _ query: [RequestTarget.QueryItem]
  ) throws(Problem) -> Question

  /// How much work an answer is: the values that are compared and written for it, about.
  func work(for question: Question, _ source: Source) -> Int

  /// - Returns: `nil` where no other document has parts that could be taken over.
  func kin(of question: Question) -> Kin?

  /// - Parameter before: The same document of an earlier source, or one of its kin, to take over what is the same.
  func plain(_ question: Question, _ source: Source, after before: Plain?) -> Plain

  /// Whether a document would be another one by now, although its source is the same.
  func isOutdated(_ plain: Plain) -> Bool

  /// The compressed form of a document, or `nil` when there was no memory for it.
  func gzipped(_ plain: Plain, _ source: Source) -> Response?
}

protocol PlainAnswer: Sendable {
  var response: Response { get }
  /// Bytes that it takes, about.
  var size: Int { get }
}
