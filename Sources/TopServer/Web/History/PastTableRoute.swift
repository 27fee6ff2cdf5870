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
    let now = Instant.now().wall / 1_000_000
    do throws(Problem) {
      let query = try CPUUsageQuery(request.target.query, now: now)
      let time = query.moment ?? now
      let cost = QuestionCost(
        processesFrom: time - Int64(window / .milliseconds(1)), to: time, now: now,
        values: query.filter?.mostWork(rows: 0) ?? 0)
      return questions.reply(to: request, cost) {
        try await answer(time, query, gzip: gzip, $0)
      }
    } catch {
      return Reply(error.response())
    }
  }

  private func answer(
    _ time: Int64, _ query: CPUUsageQuery, gzip: Bool, _ reader: HistoryReader
  ) async throws -> Reply {
    for isLast in [false, true] {
      let answer = try await reader.table(
        at: time, window: window, limit: query.limit ?? .max, columns: query.columnCount,
        valuesOfProcess: query.valuesOfProcess
      ) { table in
        if !isLast, let users = encoder.awaitedUsers(query, table.snapshot) {
          return Answer.needsNames(of: users)
        }
        return .made(try encoder.past(table, query, gzip: gzip))
      }
      switch answer {
      case .made(let response): return Reply(response)
      // Only the table tells which users there were.
      case .needsNames(let users):
        await encoder.userNames.settle(users, atMost: AnswerEncoder.patience)
      case nil: throw Problem(status: 404, detail: try await Self.whatThereIs(reader.range(), time))
      }
    }
    preconditionFailure("the second answer does not wait for names")
  }

  private enum Answer: Sendable {
    case made(Response)
    case needsNames(of: Set<UInt32>)
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
