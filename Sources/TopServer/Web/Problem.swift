import Jansson
import MicroHTTPD

/// An error as the caller sees it.
///
/// See RFC 9457.
struct Problem: Error, Equatable, Sendable {
  var status: Int
  /// What to change so that it works.
  var detail: String

  /// The same in `application/problem+json`.
  func response(headers: [Response.Header] = []) -> Response {
    let json = JSONValue.object([
      .init("type", .string("about:blank")),
      .init("title", .string(Self.titles[status] ?? "Error")),
      .init("status", .integer(Int64(status))),
      .init("detail", .string(detail)),
    ])
    return .make(
      status: status, type: "application/problem+json",
      headers: [.init("Cache-Control", "no-store")] + headers, body: json.encoded() + [0x0A])
  }

  /// The reason phrases of RFC 9110 section 15.
  private static let titles = [
    400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
    405: "Method Not Allowed",
    413: "Content Too Large", 426: "Upgrade Required", 503: "Service Unavailable",
  ]
}

extension Problem {
  /// What a request is told that never reaches a route.
  init(_ refusal: Refusal) {
    switch refusal {
    case .malformed(let reason):
      self.init(status: 400, detail: reason)
    case .hostNotAllowed(let host):
      self.init(
        status: 403,
        detail: "this server does not answer for the host \"\(host)\"; if it should, start it with "
          + "--allowed-host \(HostPolicy.name(of: host) ?? "NAME")")
    case .bodyTooLarge(let limit):
      self.init(status: 413, detail: "a request body may have at most \(limit) bytes")
    case .stopping:
      self.init(status: 503, detail: "the server is about to stop")
    }
  }
}
