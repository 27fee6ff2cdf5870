import Deflate
import MicroHTTPD

extension Response {
  /// How a browser may use a response.
  enum Content: Sendable {
    /// Data that is not a page: it may load nothing.
    case data
    /// One of our pages, which may load its parts.
    case page
    /// A page with only a form for this server.
    case form
  }

  /// A response with the headers that every answer has, which protect users of browsers.
  static func make(
    status: Int = 200, type: String, content: Content = .data, headers: [Header] = [],
    body: [UInt8]
  ) -> Response {
    make(status: status, type: type, content: content, headers: headers, body: Body(body))
  }

  /// The same with an existing body.
  static func make(
    status: Int = 200, type: String, content: Content = .data, headers: [Header] = [], body: Body
  ) -> Response {
    Response(
      status: status,
      headers: [Header("Content-Type", type)] + houseHeaders(content) + headers, body: body)
  }

  /// The headers of every answer.
  static func houseHeaders(_ content: Content = .data) -> [Header] {
    let sources = content == .page ? "'self'" : "'none'"
    let targets = content == .form ? "'self'" : "'none'"
    // With no-referrer, a browser would send "Origin: null" with a form, which proves nothing. See Fetch, "append a
    // request Origin header".
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

  /// JSON that was made for one request and must not be cached.
  static func fresh(_ body: [UInt8], headers: [Header] = [], gzip: Bool = false) -> Response {
    fresh(Body(body), headers: headers, gzip: gzip)
  }

  /// The same with an existing body.
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
