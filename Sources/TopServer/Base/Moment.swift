import FoundationEssentials

/// A moment as callers write it: RFC 3339, seconds since the epoch, or relative to now.
enum Moment {
  /// What is accepted, for error messages.
  static let forms =
    "RFC 3339 (2026-01-31T08:15:30Z), seconds since the epoch, now, or a time ago (-15m)"

  /// Milliseconds since the epoch, or `nil` when the text is no moment.
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

  /// A length of time in milliseconds, as ``TimeSpan`` reads it.
  static func duration(_ text: Substring) -> Int64? {
    TimeSpan.parse(text).flatMap { milliseconds($0 / .seconds(1)) }
  }

  /// Digits, and a fraction if need be: no sign, exponent or infinity.
  private static func plainNumber(_ text: Substring) -> Double? {
    guard text.utf8.allSatisfy({ $0 &- 0x30 <= 9 || $0 == UInt8(ascii: ".") }) else { return nil }
    return Double(text)
  }

  /// Within some ten thousand years, which every later sum can bear.
  private static func milliseconds(_ seconds: Double) -> Int64? {
    seconds < 1e12 ? Int64((seconds * 1000).rounded()) : nil
  }

  private static func date(_ text: String) -> Int64? {
    // A plus sign of an offset arrives as a space when it was not escaped in a query.
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
