import Linux
import MicroHTTPD

/// `/history`: series over time.
struct HistoryRoute: Sendable {
  let questions: PastQuestions

  func answer(_ request: borrowing Request) -> Reply {
    let gzip = Negotiation.acceptsGzip(request.header("Accept-Encoding"))
    let items = request.target.query.map { ($0.name, $0.value) }
    let now = Instant.now().wall / 1_000_000
    do throws(HistoryError) {
      let query = try HistoryQuery(items, now: now)
      return questions.reply(to: request, QuestionCost(query, now: now)) { reader in
        let body = try await reader.columns(query) { try HistoryText.make($0, query) }
        return Reply(.fresh(body, gzip: gzip))
      }
    } catch {
      return Reply(Problem(error).response())
    }
  }
}

extension Problem {
  /// The error for a query about the past that has no answer.
  init(_ error: HistoryError) {
    self.init(status: error == .unknownHost ? 404 : 400, detail: error.description)
  }

  /// Runs a query about the past, and turns its errors into replies.
  static func orReply(_ body: () async throws -> Reply) async -> Reply {
    do {
      return try await body()
    } catch let problem as Problem {
      return Reply(problem.response())
    } catch let error as HistoryError {
      return Reply(Problem(error).response())
    } catch let refusal as QuestionLane.Refusal {
      return Reply(
        Problem(status: 503, detail: refusal.detail).response(headers: [
          .init("Retry-After", "\(refusal.retryAfter)")
        ]))
    } catch is CancellationError {
      return Reply(
        Problem(status: 503, detail: "the query was cancelled before its answer").response())
    } catch {
      return Reply(
        Problem(status: 503, detail: "the history cannot be read: \(error)").response())
    }
  }
}
