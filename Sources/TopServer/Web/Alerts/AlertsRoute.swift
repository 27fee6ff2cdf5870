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
    let recent: Int
    do throws(Problem) {
      recent = try Self.recent(request.target.query)
    } catch {
      return Reply(error.response())
    }
    let gzip = Negotiation.acceptsGzip(request.header("Accept-Encoding"))
    let report = report.value
    let webhook = webhook?.value
    let alerts =
      report.entries.count + report.hostEntries.count + min(recent, report.history.count)
    let reply = { @Sendable in
      Reply(.fresh(AlertsText.make(report, webhook, recent: recent), gzip: gzip))
    }
    return alerts <= Self.mostAtOnce
      ? reply() : pool.reply(to: request.addressKey.description, reply)
  }

  /// The parameters of `/alerts`.
  static let parameters = QueryParameters([
    QueryParameter(
      "recent", "The maximum number of resolved alerts to return; by default, all that are kept.",
      QueryValues(kind: .wholeNumber(from: 0), words: "a whole number, 0 or more"),
      repetition: .lastCounts)
  ])

  /// The requested number of resolved alerts.
  private static func recent(_ items: [RequestTarget.QueryItem]) throws(Problem) -> Int {
    var recent = Int.max
    var reader = QueryReader<Problem>(items, of: parameters)
    while let value = try reader.next() {
      guard let count = Int(value.text), count >= 0 else { throw value.bad() }
      recent = count
    }
    return recent
  }
}
