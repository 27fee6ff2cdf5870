import Linux
import MicroHTTPD

/// `/explain`: who used the CPU in a stretch of time.
struct ExplainRoute: Sendable {
  let reader: HistoryReader
  let userNames: UserNames

  /// The longest stretch, in milliseconds: a week, so that one question does not read all of the file.
  private static let longest: Int64 = 7 * 86_400_000

  private struct Question {
    var from: Int64
    var to: Int64
    var limit = 20
  }

  func answer(_ request: borrowing Request) -> Reply {
    let gzip = Negotiation.acceptsGzip(request.header("Accept-Encoding"))
    do throws(Problem) {
      let question = try Self.question(request.target.query)
      return .later {
        await Problem.orReply {
          let explanation = try await reader.explanation(from: question.from, to: question.to)
          guard explanation.measuredSeconds > 0 else {
            throw Problem(status: 404, detail: "nothing was recorded in this stretch of time")
          }
          return Reply(
            .fresh(
              ExplainText.make(explanation, limit: question.limit, userNames), gzip: gzip))
        }
      }
    } catch {
      return Reply(error.response())
    }
  }

  private static func question(_ items: [RequestTarget.QueryItem]) throws(Problem) -> Question {
    let now = Instant.now().wall / 1_000_000
    var question = Question(from: now - 60_000, to: now)
    var seen: Set<String> = []
    for item in items {
      guard seen.insert(item.name).inserted else {
        throw Problem(status: 400, detail: "\(item.name) is given more than once")
      }
      switch item.name {
      case "from": question.from = try HistoryQuery.moment(item.name, item.value, now)
      case "to": question.to = try HistoryQuery.moment(item.name, item.value, now)
      case "limit": question.limit = try item.wholeNumber()
      default:
        throw Problem(
          status: 400,
          detail: "\"\(item.name)\" is no parameter of this route; it accepts from, to and limit")
      }
    }
    guard question.from < question.to else {
      throw Problem(status: 400, detail: "from must lie before to")
    }
    guard question.to - question.from <= longest else {
      throw Problem(status: 400, detail: "a stretch may be seven days long at most")
    }
    return question
  }
}
