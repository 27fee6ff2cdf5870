import Deflate
import MicroHTTPD

extension Response {
  /// A response as this house makes them: with the headers that keep a browser from being used against the user.
  ///
  /// - Parameter isPage: True for what a browser shows as a document; all else may load nothing at all.
  static func make(
    status: Int = 200, type: String, isPage: Bool = false, headers: [Header] = [], body: [UInt8]
  ) -> Response {
    make(status: status, type: type, isPage: isPage, headers: headers, body: Body(body))
  }

  /// The same with a body that is there already.
  static func make(
    status: Int = 200, type: String, isPage: Bool = false, headers: [Header] = [], body: Body
  ) -> Response {
    Response(
      status: status,
      headers: [Header("Content-Type", type)] + houseHeaders(isPage: isPage) + headers, body: body)
  }

  /// The headers that every answer has.
  static func houseHeaders(isPage: Bool = false) -> [Header] {
    let sources = isPage ? "'self'" : "'none'"
    return [
      Header(
        "Content-Security-Policy",
        "default-src \(sources); base-uri 'none'; form-action 'none'; frame-ancestors 'none'"),
      Header("X-Content-Type-Options", "nosniff"),
      Header("X-Frame-Options", "DENY"),
      Header("Referrer-Policy", "no-referrer"),
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
