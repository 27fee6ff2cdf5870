import MicroHTTPD

/// A query for the processes of a time range.
struct StretchQuery: Sendable, Equatable {
  /// Milliseconds since the epoch.
  var from: Int64
  var to: Int64
  /// The maximum number of processes in the answer.
  var limit: Int

  /// The defaults and limits of a route.
  struct Bounds: Sendable {
    /// The default limit of processes.
    var limit: Int
    /// The longest range in milliseconds, so that one query does not read the whole file.
    var longest: Int64
    /// The longest range in words.
    var longestInWords: String

    /// The parameters of the route.
    var parameters: QueryParameters {
      QueryParameters([
        QueryParameter(
          "from", "The first moment, at most \(longestInWords) before the last.", .moment,
          absent: "-1m"),
        QueryParameter("to", "The last moment.", .moment, absent: "now"),
        QueryParameter(
          "limit", "The maximum number of processes to return.", .count, absent: "\(limit)"),
      ])
    }
  }

  /// Parses a query; the default is the last minute.
  ///
  /// - Parameter now: Milliseconds since the epoch.
  /// - Throws: A ``Problem`` that names the parameter and what it accepts.
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
      throw Problem(
        status: 400, detail: "a range may be at most \(bounds.longestInWords) long")
    }
  }
}
