import Deflate
import MicroHTTPD

extension Response {
  /// What a browser makes of a response.
  enum Content: Sendable {
    /// Nothing to be shown: it may load nothing at all.
    case data
    /// A page of ours, with its parts.
    case page
    /// A page that is nothing but a form for this server.
    case form
  }

  /// A response as this house makes them: with the headers that keep a browser from being used against the user.
  static func make(
    status: Int = 200, type: String, content: Content = .data, headers: [Header] = [],
    body: [UInt8]
  ) -> Response {
    make(status: status, type: type, content: content, headers: headers, body: Body(body))
  }

  /// The same with a body that is there already.
  static func make(
    status: Int = 200, type: String, content: Content = .data, headers: [Header] = [], body: Body
  ) -> Response {
    Response(
      status: status,
      headers: [Header("Content-Type", type)] + houseHeaders(content) + headers, body: body)
  }

  /// The headers that every answer has.
  static func houseHeaders(_ content: Content = .data) -> [Header] {
    let sources = content == .page ? "'self'" : "'none'"
    let targets = content == .form ? "'self'" : "'none'"
    // With no-referrer a browser would send "Origin: null" with a form, which proves nothing. See Fetch, "append a request
    // Origin header".
    let referrer = content == .form ? "same-origin" : "no-referrer"
    return [
      Header(
        "Content-Security-Policy",
        "default-src \(sources); base-uri 'none'; form-action \(targets); frame-ancestors 'none'"),
      Header("X-Content-Type-Options", "nosniff"),
      Header("X-Frame-Options", "DENY"),
      Header("Referrer-Policy", referrer),
      Header("Cross-Origin-Resource-Policy", "same-origin"),
    ]
  }

  /// JSON that was made for one request, and is not to be kept.
  static func fresh(_ body: [UInt8], headers: [Header] = [], gzip: Bool = false) -> Response {
    fresh(Body(body), headers: headers, gzip: gzip)
  }

  /// The same of a body that is there already.
  static func fresh(_ body: Body, headers: [Header] = [], gzip: Bool = false) -> Response {
    let level: Int32 = body.count > 100_000 ? 1 : 6
    let zipped = gzip ? body.withSpan { Gzip.compress($0, level: level) } : nil
    return .make(
      type: "application/json",
      headers: [
        Header("Cache-Control", "no-store"), Header("Vary", "Accept-Encoding"),
        Header("Content-Encoding", zipped == nil ? "" : "gzip"),
      ] + headers, body: zipped.map { Body($0) } ?? body)
  }
}
