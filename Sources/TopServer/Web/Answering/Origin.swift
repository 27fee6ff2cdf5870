import Linux

/// The origin of a page: scheme, host and port.
///
/// See RFC 6454.
struct Origin: Sendable, Equatable {
  /// In lower case.
  var scheme: String
  /// In the form of ``HostPolicy/name(of:)``.
  var host: String
  var port: Int

  /// - Parameter header: The value of an Origin header.
  /// - Returns: `nil` for `null`, for schemes other than http and https, and for invalid values.
  init?(_ header: String) {
    let parts = header.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, parts[1].hasPrefix("//") else { return nil }
    let scheme = parts[0].lowercased()
    guard let place = Self.place(String(parts[1].dropFirst(2)), scheme) else { return nil }
    (self.scheme, host, port) = (scheme, place.host, place.port)
  }

  /// Whether a page of this origin was served under a Host header.
  ///
  /// A proxy in front of the server may terminate TLS, so the scheme and its default port are those of the origin.
  func matches(host header: String) -> Bool {
    guard let place = Self.place(header, scheme) else { return false }
    return place.port == port && Self.isSame(place.host, host)
  }

  private static func place(_ authority: String, _ scheme: String) -> (host: String, port: Int)? {
    guard let usual = ["http": 80, "https": 443][scheme], let host = HostPolicy.name(of: authority)
    else { return nil }
    let afterHost =
      authority.hasPrefix("[") ? authority.split(separator: "]").dropFirst().first : nil
    let text = authority.hasPrefix("[") ? afterHost ?? "" : authority[...]
    guard let colon = text.lastIndex(of: ":") else { return (host, usual) }
    let digits = text[text.index(after: colon)...]
    // "box:" is the same as "box", see RFC 3986 section 3.2.3.
    if digits.isEmpty { return (host, usual) }
    guard let port = UInt16(digits) else { return nil }
    return (host, Int(port))
  }

  /// Compares hosts; one IPv6 address has several spellings.
  private static func isSame(_ left: String, _ right: String) -> Bool {
    if left == right { return true }
    guard left.hasPrefix("["), right.hasPrefix("["),
      let bytes = NetworkAddress.bytes(of: String(left.dropFirst().dropLast()))
    else { return false }
    return bytes == NetworkAddress.bytes(of: String(right.dropFirst().dropLast()))
  }
}
