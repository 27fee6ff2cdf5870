import Linux
import MicroHTTPD

/// `/history`: series over time.
struct HistoryRoute: Sendable {
  let reader: HistoryReader

  func answer(_ request: borrowing Request) -> Reply {
    let gzip = Negotiation.acceptsGzip(request.header("Accept-Encoding"))
    let items = request.target.query.map { ($0.name, $0.value) }
    let query: HistoryQuery
    do throws(Problem) {
      query = try HistoryQuery(items, now: Instant.now().wall / 1_000_000)
    } catch {
      return Reply(error.response())
    }
    return .later {
      await Problem.orReply {
        let body = try await reader.columns(query) { HistoryText.make($0, query) }
        return Reply(.fresh(body, gzip: gzip))
      }
    }
  }
}

extension Problem {
  /// What a question about the past is answered: a reply, or what went wrong.
  static func orReply(_ body: () async throws -> Reply) async -> Reply {
    do {
      return try await body()
    } catch let problem as Problem {
      return Reply(problem.response())
    } catch {
      return Reply(
        Problem(status: 503, detail: "the history cannot be read: \(error)").response())
    }
  }
}
