import MicroHTTPD

extension QueryReader {
  init(_ items: [RequestTarget.QueryItem], of parameters: QueryParameters) {
    self.init(items.map { ($0.name, $0.value) }, of: parameters)
  }
}

extension QueryParameters {
  /// Rejects every parameter, for a route without parameters.
  static func refuseAll(_ items: [RequestTarget.QueryItem]) throws(Problem) {
    var reader = QueryReader<Problem>(items, of: .empty)
    _ = try reader.next()
  }
}

extension Problem: QueryRefusal {
  static func badQuery(_ reason: String) -> Problem { Problem(status: 400, detail: reason) }
}

/// The values of `order`.
enum SortOrder: String, CaseIterable {
  case ascending = "asc"
  case descending = "desc"
}
