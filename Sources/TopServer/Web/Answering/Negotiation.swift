import MicroHTTPD

/// HTTP content negotiation and conditional requests.
enum Negotiation {
  /// Values that browsers and command-line clients usually send: looking them up costs a tenth of parsing them.
  private static let usual: Set<String> = [
    "gzip", "gzip, deflate", "gzip, deflate, br", "gzip, deflate, br, zstd", "deflate, gzip",
    "deflate, gzip, br", "deflate, gzip, br, zstd",
  ]

  /// Whether gzip is acceptable.
  ///
  /// See RFC 9110 section 12.5.3.
  ///
  /// - Parameter header: The value of Accept-Encoding; `nil` means no compression.
  static func acceptsGzip(_ header: String?) -> Bool {
    guard let header else { return false }
    if usual.contains(header) { return true }
    var byStar = false
    for item in header.lowercased().split(separator: ",") {
      let parts = item.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" } }
      guard let coding = parts.first else { continue }
      let weight = parts.dropFirst().first { $0.hasPrefix("q=") }.flatMap {
        Double($0.dropFirst(2))
      }
      let accepted = (weight ?? 1) > 0
      if coding == "gzip" || coding == "x-gzip" { return accepted }
      if coding == "*" { byStar = accepted }
    }
    return byStar
  }

  /// Whether the client's copy has this tag.
  ///
  /// See RFC 9110 section 13.1.2.
  ///
  /// - Parameter header: The value of If-None-Match.
  static func isCurrent(_ header: String?, tag: String?) -> Bool {
    guard let header, let tag else { return false }
    return header.split(separator: ",").contains { item in
      let item = item.drop { $0 == " " || $0 == "\t" }
      let known = item.hasPrefix("W/") ? item.dropFirst(2) : item
      return known.hasPrefix(tag) && known.dropFirst(tag.count).allSatisfy { $0 == " " }
        || item == "*"
    }
  }
}

extension Reply {
  /// The prepared response, or 304 when the client has a current copy.
  init(_ response: Response, unlessKnownTo request: borrowing Request) {
    self.init(response, unlessKnown: request.header("If-None-Match"))
  }

  /// - Parameter tags: The value of If-None-Match.
  init(_ response: Response, unlessKnown tags: String?) {
    let known = tags.map { Negotiation.isCurrent($0, tag: response.header("ETag")) }
    self.init(response, status: known == true ? 304 : nil)
  }
}
