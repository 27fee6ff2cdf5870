import MicroHTTPD

/// `/events`: what happens, as it happens, for browsers and `curl -N`.
///
/// A reader that opens a new stream cannot send `Last-Event-ID` from a browser, so it says `?after=` instead.
/// See https://html.spec.whatwg.org/multipage/server-sent-events.html.
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
    // A browser that comes back by itself asks with the same query, and knows more than that.
    let last = request.header("Last-Event-ID").flatMap { UInt64($0) } ?? after
    return .stream(feed.broadcaster.subscribe(after: last, headers: Response.houseHeaders()))
  }

  private static func refusal(_ detail: String) -> Reply {
    Reply(Problem(status: 400, detail: detail).response())
  }
}
