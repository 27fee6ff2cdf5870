import Linux
import MicroHTTPD

/// `/process_history`: what each process used, point by point.
struct ProcessHistoryRoute: Sendable {
  let reader: HistoryReader

  func answer(_ request: borrowing Request) -> Reply {
    let gzip = Negotiation.acceptsGzip(request.header("Accept-Encoding"))
    do throws(Problem) {
      let query = try StretchQuery(
        request.target.query, now: Instant.now().wall / 1_000_000, limit: 100,
        longest: (3_600_000, "an hour"))
      return .later {
        await Problem.orReply {
          let history = try await reader.processHistory(
            from: query.from, to: query.to, limit: query.limit)
          return Reply(.fresh(ProcessHistoryText.make(history), gzip: gzip))
        }
      }
    } catch {
      return Reply(error.response())
    }
  }
}
