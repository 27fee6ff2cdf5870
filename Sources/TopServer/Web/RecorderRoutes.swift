import Jansson
import MicroHTTPD

/// `/start` and `/stop`: switch the recorder, and say what it does.
struct RecorderRoutes: Sendable {
  let recorder: Recorder

  func start(_ request: borrowing Request) -> Reply { set(true, request) }

  func stop(_ request: borrowing Request) -> Reply { set(false, request) }

  private func set(_ isOn: Bool, _ request: borrowing Request) -> Reply {
    // GET is for curl and the address bar; HEAD promises to change nothing.
    guard request.method == "GET" || request.method == "POST" else { return Self.wrongMethod }
    guard SameSite.allows(request) else { return Self.crossSite }
    return Reply(.fresh(RecorderText.object(recorder.setOn(isOn)).encoded() + [0x0A]))
  }

  private static let wrongMethod = Reply(
    Problem(status: 405, detail: "this route answers GET and POST").response(headers: [
      .init("Allow", "GET, POST")
    ]))
  private static let crossSite = Reply(
    Problem(
      status: 403,
      detail: "pages of other sites may not switch the recorder; use the page at /stats"
    ).response())
}
