import MicroHTTPD

/// A route that serves a document of the newest snapshot, or fleet.
struct DocumentRoute<Maker: AnswerMaker>: Sendable {
  let document: Maker.Document
  let desk: AnswerDesk<Maker>

  func answer(_ request: borrowing Request) -> Reply {
    desk.answer(document, request)
  }
}
