import MicroHTTPD

/// `/alerts`: what fires, what fired, and every rule.
struct AlertsRoute: Sendable {
  let report: Latest<AlertReport>
  /// `nil` where nobody is told.
  let webhook: Latest<WebhookState>?

  func answer(_ request: borrowing Request) -> Reply {
    if let item = request.target.query.first {
      return Reply(
        Problem(status: 400, detail: "\"\(item.name)\": this route has no parameters").response())
    }
    let gzip = Negotiation.acceptsGzip(request.header("Accept-Encoding"))
    return Reply(.fresh(AlertsText.make(report.value, webhook?.value), gzip: gzip))
  }
}
