import MicroHTTPD

/// `/events`: server-sent events for browsers and `curl -N`.
///
/// A browser cannot send `Last-Event-ID` with a new stream, so it uses `?after=` instead. See
/// https://html.spec.whatwg.org/multipage/server-sent-events.html.
struct EventRoute: Sendable {
  let feed: EventFeed

  func answer(_ request: borrowing Request) -> Reply {
    var after: UInt64?
    for item in request.target.query {
      guard item.name == "after" else {
        return Self.refusal("\"\(item.name)\": the only parameter of this route is \"after\"")
      }
      guard let id = UInt64(item.value) else {
        return Self.refusal("after=\(item.value): this must be the id of an event, a whole number")
      }
      after = id
    }
    // A browser that reconnects repeats the query, so the header is newer.
    let last = request.header("Last-Event-ID").flatMap { UInt64($0) } ?? after
    return .stream(feed.broadcaster.subscribe(after: last, headers: Response.houseHeaders()))
  }

  private static func refusal(_ detail: String) -> Reply {
    Reply(Problem(status: 400, detail: detail).response())
  }
}
