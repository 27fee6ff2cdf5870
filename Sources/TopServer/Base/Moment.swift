import FoundationEssentials

/// Parses a moment as users write it: RFC 3339, seconds since the epoch, or relative to now.
enum Moment {
  /// The accepted forms, for error messages.
  static let forms =
    "RFC 3339 (2026-01-31T08:15:30Z), seconds since the epoch, now, or a relative time (-15m)"

  /// Milliseconds since the epoch, or `nil` when the text is not a moment.
  ///
  /// - Parameter now: Milliseconds since the epoch.
  static func parse(_ text: String, now: Int64) -> Int64? {
    if text == "now" { return now }
    if text.hasPrefix("-"), let ago = duration(text.dropFirst()) {
      return now - ago
    }
    if let seconds = plainNumber(text[...]) { return milliseconds(seconds) }
    return date(text)
  }

  /// A duration in milliseconds, in the forms that ``TimeSpan`` accepts.
  static func duration(_ text: Substring) -> Int64? {
    TimeSpan.parse(text).flatMap { milliseconds($0 / .seconds(1)) }
  }

  /// Digits and an optional fraction, without sign, exponent or infinity.
  private static func plainNumber(_ text: Substring) -> Double? {
    guard text.utf8.allSatisfy({ $0 &- 0x30 <= 9 || $0 == UInt8(ascii: ".") }) else { return nil }
    return Double(text)
  }

  /// The limit is about thirty thousand years, so that later sums cannot overflow.
  private static func milliseconds(_ seconds: Double) -> Int64? {
    seconds < 1e12 ? Int64((seconds * 1000).rounded()) : nil
  }

  private static func date(_ text: String) -> Int64? {
    // In a query, an unescaped plus sign of an offset arrives as a space.
    let text = text.replacing(" ", with: "+")
    for hasFraction in [false, true] {
      let style = Date.ISO8601FormatStyle(includingFractionalSeconds: hasFraction)
      if let date = try? style.parse(text) {
        return Int64((date.timeIntervalSince1970 * 1000).rounded())
      }
    }
    return nil
  }
}
