import Linux
import MicroHTTPD

/// `/cpu_usage?at=`: the process table of a past moment.
struct PastTableRoute: Sendable {
  let questions: PastQuestions
  let encoder: AnswerEncoder
  /// The time that averages cover.
  let window: Duration

  /// Whether a request is for a past moment.
  static func matches(_ request: borrowing Request) -> Bool {
    request.target.query.contains { $0.name == "at" }
  }

  func answer(_ request: borrowing Request) -> Reply {
    let gzip = Negotiation.acceptsGzip(request.header("Accept-Encoding"))
    let times = request.target.query.filter { $0.name == "at" }
    let rest = request.target.query.filter { $0.name != "at" }
    do throws(Problem) {
      let query = try CPUUsageQuery(rest)
      let now = Instant.now().wall / 1_000_000
      let time = try Self.moment(times, now: now)
      let cost = QuestionCost(
        processesFrom: time - Int64(window / .milliseconds(1)), to: time, now: now)
      return questions.reply(to: request, cost) {
        try await answer(time, query, gzip: gzip, $0)
      }
    } catch {
      return Reply(error.response())
    }
  }

  /// - Parameter items: Only `at`.
  private static func moment(
    _ items: [RequestTarget.QueryItem], now: Int64
  ) throws(Problem) -> Int64 {
    var reader = QueryReader<Problem>(items, of: CPUUsageQuery.parameters)
    guard let value = try reader.next() else { return now }
    // Report a second `at` even if the first is invalid.
    _ = try reader.next()
    return try value.moment(now: now)
  }

  private func answer(
    _ time: Int64, _ query: CPUUsageQuery, gzip: Bool, _ reader: HistoryReader
  ) async throws -> Reply {
    let response = try await reader.table(
      at: time, window: window, limit: query.limit ?? .max, columns: query.columns.count
    ) {
      encoder.past($0, query, gzip: gzip)
    }
    guard let response else {
      throw Problem(status: 404, detail: try await Self.whatThereIs(reader.range(), time))
    }
    return Reply(response)
  }

  private static func whatThereIs(_ range: ClosedRange<Int64>?, _ time: Int64) -> String {
    let asked = RFC3339.text(millisecondsSinceEpoch: time)
    guard let range else { return "nothing is recorded yet, so there is no table of \(asked)" }
    let first = RFC3339.text(millisecondsSinceEpoch: range.lowerBound)
    let last = RFC3339.text(millisecondsSinceEpoch: range.upperBound)
    return "there is no sample of \(asked); the history goes from \(first) to \(last)"
      + (range.contains(time) ? ", with a gap there" : "")
  }
}
