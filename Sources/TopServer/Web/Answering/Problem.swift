import Jansson
import MicroHTTPD

/// An error for the client.
///
/// See RFC 9457.
struct Problem: Error, Equatable, Sendable {
  var status: Int
  /// What to change.
  var detail: String

  /// The response as `application/problem+json`.
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

  /// The detail, shortened to the limit since it may repeat long input of the client.
  private var shownDetail: String {
    let scalars = detail.unicodeScalars
    guard scalars.count > Self.longestDetail else { return detail }
    return String(String.UnicodeScalarView(scalars.prefix(Self.longestDetail))) + "…"
  }

  /// The limit of a detail in Unicode scalars.
  private static let longestDetail = 1000

  /// The reason phrases of RFC 9110 section 15.
  private static let titles = [
    400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
    405: "Method Not Allowed",
    413: "Content Too Large", 414: "URI Too Long", 426: "Upgrade Required",
    431: "Request Header Fields Too Large", 503: "Service Unavailable",
  ]
}

extension Problem {
  /// The error for a request that was refused before it reached a route.
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
        detail: "the client closed its sending side before the answer was ready, as if it had "
          + "left; keep the connection open until the answer arrives")
    case .stopping:
      self.init(status: 503, detail: "the server is about to stop")
    }
  }

  private static func detail(_ limit: DaemonLimit, _ number: Int) -> String {
    switch limit {
    case .connections:
      "this server has reached its limit of \(number) connections; --connections allows more"
    case .connectionsPerAddress:
      "your address has reached its limit of \(number) connections; "
        + "--connections-per-address allows more"
    case .streams:
      "this server has reached its limit of \(number) event streams (an eighth of --connections)"
    case .streamsPerAddress:
      "your address has reached its limit of \(number) event streams"
    case .upgrades:
      "this hub has reached its limit of \(number) agents (three quarters of --connections)"
    case .waitingAnswers:
      "this server has reached its limit of \(number) answers in progress; retry later"
    case .waitingAnswersPerAddress:
      "your address has reached its limit of \(number) answers in progress; wait for them"
    case .unsentBytes:
      "large answers of \(number) bytes wait for clients that read slowly; retry later"
    case .headSize: "the request line and the headers may have \(number) bytes together"
    }
  }

  /// The response to a request that was refused before it reached a route.
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
