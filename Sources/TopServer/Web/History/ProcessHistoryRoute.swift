import Linux
import MicroHTTPD

/// `/process_history`: the CPU use of each process, point by point.
struct ProcessHistoryRoute: Sendable {
  let questions: PastQuestions

  private static let bounds = StretchQuery.Bounds(
    limit: 100, longest: 3_600_000, longestInWords: "an hour")
  static let parameters = bounds.parameters

  func answer(_ request: borrowing Request) -> Reply {
    let gzip = Negotiation.acceptsGzip(request.header("Accept-Encoding"))
    let now = Instant.now().wall / 1_000_000
    do throws(Problem) {
      let query = try StretchQuery(request.target.query, now: now, Self.bounds)
      let values = Int((query.to - query.from) / 1000) * min(query.limit, 1000)
      let cost = QuestionCost(
        processesFrom: query.from, to: query.to, now: now, values: values)
      return questions.reply(to: request, cost) { reader in
        let body = try await reader.processHistory(
          from: query.from, to: query.to, limit: query.limit, ProcessHistoryText.make)
        return Reply(.fresh(body, gzip: gzip))
      }
    } catch {
      return Reply(error.response())
    }
  }
}
