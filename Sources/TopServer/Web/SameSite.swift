import MicroHTTPD

/// Keeps pages of other sites from changing our state through the browser of somebody who can reach us.
///
/// See Fetch Metadata Request Headers, section 2.3, and RFC 6454.
enum SameSite {
  /// Whether a request comes from our own page, from the address bar, or from no browser at all.
  static func allows(_ request: borrowing Request) -> Bool {
    if let site = request.header("Sec-Fetch-Site"), site != "same-origin", site != "none" {
      return false
    }
    guard let origin = request.header("Origin") else { return true }
    guard let host = request.header("Host") else { return false }
    return origin == "http://\(host)" || origin == "https://\(host)"
  }
}
