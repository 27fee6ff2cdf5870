import MicroHTTPD

/// What a request asks about the processes of a stretch of time.
struct StretchQuery: Sendable, Equatable {
  /// Milliseconds since the epoch.
  var from: Int64
  var to: Int64
  /// Processes that the answer has at most.
  var limit: Int

  /// What a route allows, and assumes.
  struct Bounds: Sendable {
    /// Processes that the answer has at most when the query does not say.
    var limit: Int
    /// Milliseconds, so that one question does not read all of the file.
    var longest: Int64
    /// The same in words.
    var longestInWords: String

    /// The parameters of the route.
    var parameters: QueryParameters {
      QueryParameters([
        QueryParameter(
          "from", "The first moment, at most \(longestInWords) before the last.", .moment,
          absent: "-1m"),
        QueryParameter("to", "The last moment.", .moment, absent: "now"),
        QueryParameter("limit", "The number of processes at most.", .count, absent: "\(limit)"),
      ])
    }
  }

  /// The last minute, unless told otherwise.
  ///
  /// - Parameter now: Milliseconds since the epoch.
  /// - Throws: a ``Problem`` that names the parameter and what it accepts.
  init(_ items: [RequestTarget.QueryItem], now: Int64, _ bounds: Bounds) throws(Problem) {
    (from, to, limit) = (now - 60_000, now, bounds.limit)
    var reader = QueryReader<Problem>(items, of: bounds.parameters)
    while let value = try reader.next() {
      switch value.name {
      case "from": from = try value.moment(now: now)
      case "to": to = try value.moment(now: now)
      case "limit": limit = try value.count()
      default: break
      }
    }
    guard from < to else { throw Problem(status: 400, detail: "from must lie before to") }
    guard to - from <= bounds.longest else {
      throw Problem(status: 400, detail: "a stretch may be \(bounds.longestInWords) long at most")
    }
  }
}
