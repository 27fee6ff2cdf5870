import MicroHTTPD

/// `/cpu_usage`: picks the prepared answer that fits the request.
struct CPUUsageRoute: Sendable {
  let answers: Latest<PreparedAnswers>

  func answer(_ request: borrowing Request) -> Reply {
    let gzip = Negotiation.acceptsGzip(request.header("Accept-Encoding"))
    do throws(Problem) {
      let response = try answers.value.response(for: request.target, gzip: gzip)
      return Reply(response, unlessKnownTo: request)
    } catch {
      return Reply(error.response())
    }
  }
}
