/// Parses a duration as people type it: `90`, `30s`, `1.5h`, `1h30m`, `500ms`, `7d`; a plain number is seconds.
enum TimeSpan {
  private static let units = [
    "": 1.0, "ms": 0.001, "s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400,
  ]
  /// About thirty thousand years in seconds, so that later sums cannot overflow.
  private static let longest = 1e12

  /// - Returns: `nil` when the text is not a duration, has a sign or an exponent, or exceeds ``longest``.
  static func parse(_ text: some StringProtocol) -> Duration? {
    var rest = Substring(text)
    var seconds = 0.0
    guard !rest.isEmpty else { return nil }
    repeat {
      let digits = rest.prefix { $0.isASCII && $0.isNumber || $0 == "." }
      rest = rest.dropFirst(digits.count)
      let unit = rest.prefix { $0.isASCII && $0.isLetter }
      rest = rest.dropFirst(unit.count)
      // Only a single number may lack a unit.
      guard let number = Double(digits), let length = units[String(unit)],
        !unit.isEmpty || digits.count == text.count
      else { return nil }
      seconds += number * length
    } while !rest.isEmpty
    return seconds <= longest ? .seconds(seconds) : nil
  }
}
