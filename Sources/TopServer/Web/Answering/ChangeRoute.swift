import MicroHTTPD

/// A route that changes the server's state with GET or POST, for permitted requests.
///
/// Every route that changes state must be one of these.
struct ChangeRoute: Sendable {
  /// The label of the button, for example "Stop recording".
  let button: String
  /// The effect of the button, in full sentences.
  let explanation: String
  /// The last part of the path, relative so that the button works behind a proxy with a path prefix.
  let action: String

  /// - Parameter change: Makes the change and returns the reply.
  func answer(_ request: borrowing Request, _ change: () -> Reply) -> Reply {
    // GET is for curl and the address bar. HEAD must not change anything.
    guard request.method == "GET" || request.method == "POST" else { return Self.wrongMethod }
    return switch ChangePermit.of(request) {
    case .granted: change()
    case .ask: Reply(page)
    case .refused(let reason): Reply(Problem(status: 403, detail: reason).response())
    }
  }

  /// A page with the button; browsers send its form with an Origin that proves which page it was on.
  private var page: Response {
    let text = """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>\(button)?</title>
      </head>
      <body>
      <main>
      <h1>\(button)?</h1>
      <p>\(explanation)</p>
      <form method="post" action="\(action)"><button>\(button)</button></form>
      <p><a href="stats">Back to the processes</a></p>
      </main>
      </body>
      </html>

      """
    return .make(
      type: "text/html; charset=utf-8", content: .form,
      headers: [.init("Cache-Control", "no-store")], body: Array(text.utf8))
  }

  private static let wrongMethod = Reply(
    Problem(status: 405, detail: "this route answers GET and POST").response(headers: [
      .init("Allow", "GET, POST")
    ]))
}
