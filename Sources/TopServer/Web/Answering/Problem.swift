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
      .init("detail", .string(shownDetail)),
    ])
    return .make(
      status: status, type: "application/problem+json",
      headers: [.init("Cache-Control", "no-store")] + headers, body: json.encoded() + [0x0A])
  }

  /// The detail within its limit: it may repeat what the client sent, which may be long.
  private var shownDetail: String {
    let scalars = detail.unicodeScalars
    guard scalars.count > Self.longestDetail else { return detail }
    return String(String.UnicodeScalarView(scalars.prefix(Self.longestDetail))) + "…"
  }

  /// Unicode scalars of a detail that a client is shown at most.
  private static let longestDetail = 600

  /// The reason phrases of RFC 9110 section 15.
  private static let titles = [
    400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
    405: "Method Not Allowed",
    413: "Content Too Large", 414: "URI Too Long", 426: "Upgrade Required",
    431: "Request Header Fields Too Large", 503: "Service Unavailable",
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
    case .headTooLarge(let limit, let isTarget):
      self.init(
        status: isTarget ? 414 : 431,
        detail: "the request line and the headers may have \(limit) bytes together, with 64 more "
          + "for each header: send a shorter \(isTarget ? "target" : "header, or fewer")")
    case .tooMany(let limit, let number):
      self.init(status: 503, detail: Self.detail(limit, number))
    case .clientLeft:
      self.init(
        status: 503,
        detail: "the client closed its sending side before the answer was there, as one does that "
          + "has gone away; keep the connection open until the answer has come")
    case .stopping:
      self.init(status: 503, detail: "the server is about to stop")
    }
  }

  private static func detail(_ limit: DaemonLimit, _ number: Int) -> String {
    switch limit {
    case .connections:
      "this server has as many connections as it takes (\(number)); --connections allows more"
    case .connectionsPerAddress:
      "your address has as many connections as one may have (\(number)); "
        + "--connections-per-address allows more"
    case .streams:
      "this server has as many event streams as it takes (\(number), an eighth of --connections)"
    case .streamsPerAddress:
      "your address has as many event streams as one may have (\(number))"
    case .upgrades:
      "this hub has as many agents as it takes (\(number), three quarters of --connections)"
    case .waitingAnswers:
      "as many answers are being worked on as may be at a time (\(number)); ask again later"
    case .waitingAnswersPerAddress:
      "as many answers for your address are being worked on as may be at a time (\(number)); "
        + "wait for them"
    case .unsentBytes:
      "large answers of \(number) bytes wait for clients that read slowly; ask again later"
    case .headSize: "the request line and the headers may have \(number) bytes together"
    }
  }

  /// The whole answer to a request that never reaches a route.
  static func response(to refusal: Refusal) -> Response {
    let problem = Problem(refusal)
    let wait: String? =
      switch refusal {
      case .tooMany(.connections, _), .tooMany(.connectionsPerAddress, _), .tooMany(.upgrades, _),
        .tooMany(.streams, _), .tooMany(.streamsPerAddress, _):
        "30"
      case .tooMany, .clientLeft, .stopping: "2"
      case .malformed, .hostNotAllowed, .bodyTooLarge, .headTooLarge: nil
      }
    return problem.response(headers: wait.map { [.init("Retry-After", $0)] } ?? [])
  }
}
