import MicroHTTPD

/// `/events`: what happens, as it happens, for browsers and `curl -N`.
///
/// See https://html.spec.whatwg.org/multipage/server-sent-events.html.
struct EventRoute: Sendable {
  let feed: EventFeed

  func answer(_ request: borrowing Request) -> Reply {
    if let item = request.target.query.first {
      return Reply(
        Problem(status: 400, detail: "\"\(item.name)\": this route has no parameters").response())
    }
    let last = request.header("Last-Event-ID").flatMap { UInt64($0) }
    return .stream(feed.broadcaster.subscribe(after: last, headers: Response.houseHeaders()))
  }
}
