import Linux
import MicroHTTPD

/// `/alerts`: the active alerts, the resolved ones, and every rule.
struct AlertsRoute: Sendable {
  let report: Latest<AlertReport>
  /// `nil` without a webhook.
  let webhook: Latest<WebhookState>?
  let pool: AnswerPool

  /// The number of alerts above which libmicrohttpd's threads do not make the answer: about a millisecond.
  private static let mostAtOnce = 200

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
    let report = report.value
    let webhook = webhook?.value
    let alerts =
      report.entries.count + report.hostEntries.count + min(recent, report.history.count)
    let reply = { @Sendable [recent] in
      Reply(.fresh(AlertsText.make(report, webhook, recent: recent), gzip: gzip))
    }
    return alerts <= Self.mostAtOnce
      ? reply() : pool.reply(to: request.addressKey.description, reply)
  }

  private static func refusal(_ detail: String) -> Reply {
    Reply(Problem(status: 400, detail: detail).response())
  }
}
