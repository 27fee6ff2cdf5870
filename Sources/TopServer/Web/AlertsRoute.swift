import MicroHTTPD

/// `/alerts`: what fires, what fired, and every rule.
struct AlertsRoute: Sendable {
  let report: Latest<AlertReport>
  /// `nil` where nobody is told.
  let webhook: Latest<WebhookState>?

  func answer(_ request: borrowing Request) -> Reply {
    var recent = Int.max
    for item in request.target.query {
      guard item.name == "recent" else {
        return Self.refusal("\"\(item.name)\": the only parameter of this route is \"recent\"")
      }
      guard let count = Int(item.value), count >= 0 else {
        return Self.refusal("recent=\(item.value): this must be a whole number, 0 or more")
      }
      recent = count
    }
    let gzip = Negotiation.acceptsGzip(request.header("Accept-Encoding"))
    return Reply(.fresh(AlertsText.make(report.value, webhook?.value, recent: recent), gzip: gzip))
  }

  private static func refusal(_ detail: String) -> Reply {
    Reply(Problem(status: 400, detail: detail).response())
  }
}
