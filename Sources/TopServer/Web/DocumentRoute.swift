import MicroHTTPD

/// A route that serves a document of the newest snapshot: picks the prepared answer that fits the request.
struct DocumentRoute: Sendable {
  let document: Document
  let answers: Latest<PreparedAnswers>

  func answer(_ request: borrowing Request) -> Reply {
    let gzip = Negotiation.acceptsGzip(request.header("Accept-Encoding"))
    do throws(Problem) {
      let response = try answers.value.response(document, for: request.target, gzip: gzip)
      return Reply(response, unlessKnownTo: request)
    } catch {
      return Reply(error.response())
    }
  }
}
