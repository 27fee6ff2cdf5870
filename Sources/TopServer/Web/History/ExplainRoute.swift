import Linux
import MicroHTTPD

/// `/explain`: which processes used the CPU in a time range.
struct ExplainRoute: Sendable {
  let questions: PastQuestions
  let userNames: UserNames

  private static let bounds = StretchQuery.Bounds(
    limit: 20, longest: 7 * 86_400_000, longestInWords: "seven days")
  static let parameters = bounds.parameters

  func answer(_ request: borrowing Request) -> Reply {
    let gzip = Negotiation.acceptsGzip(request.header("Accept-Encoding"))
    let now = Instant.now().wall / 1_000_000
    do throws(Problem) {
      let query = try StretchQuery(request.target.query, now: now, Self.bounds)
      let start = Explanation.start(from: query.from, to: query.to)
      let cost = QuestionCost(processesFrom: start, to: query.to, now: now)
      return questions.reply(to: request, cost) { reader in
        let body = try await reader.explanation(
          from: query.from, to: query.to, limit: query.limit
        ) { explanation in
          guard explanation.measuredSeconds > 0 else {
            throw Problem(status: 404, detail: "nothing was recorded in this time range")
          }
          return try ExplainText.make(explanation, userNames)
        }
        return Reply(.fresh(body, gzip: gzip))
      }
    } catch {
      return Reply(error.response())
    }
  }
}
