/// The version of the program, as in CHANGELOG.md.
enum Version {
  static let text = "0.1.0"
  /// The User-Agent of our HTTP clients, see RFC 9110 section 10.1.5.
  static let userAgent = "topserver/\(text)"
}
