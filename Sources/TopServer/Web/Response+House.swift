import MicroHTTPD

extension Response {
  /// A response as this house makes them: with the headers that keep a browser from being used against the user.
  ///
  /// - Parameter isPage: True for what a browser shows as a document; all else may load nothing at all.
  static func make(
    status: Int = 200, type: String, isPage: Bool = false, headers: [Header] = [], body: [UInt8]
  ) -> Response {
    let sources = isPage ? "'self'" : "'none'"
    return Response(
      status: status,
      headers: [
        Header("Content-Type", type),
        Header(
          "Content-Security-Policy",
          "default-src \(sources); base-uri 'none'; form-action 'none'; frame-ancestors 'none'"),
        Header("X-Content-Type-Options", "nosniff"),
        Header("X-Frame-Options", "DENY"),
        Header("Referrer-Policy", "no-referrer"),
        Header("Cross-Origin-Resource-Policy", "same-origin"),
      ] + headers, body: body)
  }
}
