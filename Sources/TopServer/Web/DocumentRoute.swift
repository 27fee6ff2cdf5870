import MicroHTTPD

/// A route that serves a document of the newest snapshot, or fleet: picks the prepared answer that fits the request.
struct DocumentRoute<Maker: AnswerMaker>: Sendable {
  let document: Maker.Document
  let answers: Latest<PreparedAnswers<Maker>>

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
