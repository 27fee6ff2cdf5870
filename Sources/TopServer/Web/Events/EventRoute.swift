import MicroHTTPD

/// `/events`: server-sent events for browsers and `curl -N`.
///
/// A browser cannot send `Last-Event-ID` with a new stream, so it uses `?after=` instead. See
/// https://html.spec.whatwg.org/multipage/server-sent-events.html.
struct EventRoute: Sendable {
  let feed: EventFeed

  func answer(_ request: borrowing Request) -> Reply {
    let after: UInt64?
    do throws(Problem) {
      after = try Self.after(request.target.query)
    } catch {
      return Reply(error.response())
    }
    // A browser that reconnects repeats the query, so the header is newer.
    let last = request.header("Last-Event-ID").flatMap { UInt64($0) } ?? after
    return .stream(feed.broadcaster.subscribe(after: last, headers: Response.houseHeaders()))
  }

  /// The parameters of `/events`.
  static let parameters = QueryParameters([
    QueryParameter(
      "after",
      "The id of the event after which the stream begins; by default, it begins with the next event.",
      QueryValues(kind: .wholeNumber(from: 0), words: "the id of an event, a whole number"),
      repetition: .lastCounts)
  ])

  private static func after(_ items: [RequestTarget.QueryItem]) throws(Problem) -> UInt64? {
    var after: UInt64?
    var reader = QueryReader<Problem>(items, of: parameters)
    while let value = try reader.next() {
      guard let id = UInt64(value.text) else { throw value.bad() }
      after = id
    }
    return after
  }
}
