/// A length of time as people type it: `90`, `30s`, `1.5h`, `1h30m`, `500ms`, `7d`; a plain number is seconds.
enum TimeSpan {
  private static let units = [
    "": 1.0, "ms": 0.001, "s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400,
  ]
  /// Some thirty thousand years, which every later sum can bear.
  private static let longest = 1e12

  /// - Returns: `nil` when it is none of these, has a sign or an exponent, or is longer than anything lasts.
  static func parse(_ text: some StringProtocol) -> Duration? {
    var rest = Substring(text)
    var seconds = 0.0
    guard !rest.isEmpty else { return nil }
    repeat {
      let digits = rest.prefix { $0.isASCII && $0.isNumber || $0 == "." }
      rest = rest.dropFirst(digits.count)
      let unit = rest.prefix { $0.isASCII && $0.isLetter }
      rest = rest.dropFirst(unit.count)
      // A number without a unit stands alone.
      guard let number = Double(digits), let length = units[String(unit)],
        !unit.isEmpty || digits.count == text.count
      else { return nil }
      seconds += number * length
    } while !rest.isEmpty
    return seconds <= longest ? .seconds(seconds) : nil
  }
}
