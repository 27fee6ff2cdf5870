import FoundationEssentials

/// Formats and parses the times of every answer.
///
/// See RFC 3339 section 5.6.
enum RFC3339 {
  private static let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

  /// For example `2026-01-31T08:15:30.250Z`.
  static func text(millisecondsSinceEpoch: Int64) -> String {
    // The style truncates to milliseconds, and in binary .250 may be slightly less than .250.
    Date(timeIntervalSince1970: (Double(millisecondsSinceEpoch) + 0.25) / 1e3).formatted(style)
  }

  static func text(secondsSinceEpoch: Double) -> String {
    text(millisecondsSinceEpoch: Int64(exactly: (secondsSinceEpoch * 1e3).rounded()) ?? 0)
  }

  /// Truncates to milliseconds, the resolution of the history.
  static func text(nanosecondsSinceEpoch: Int64) -> String {
    text(millisecondsSinceEpoch: nanosecondsSinceEpoch / 1_000_000)
  }
}

extension RFC3339 {
  /// Parses a time into nanoseconds since the epoch.
  ///
  /// Many agents send one each second, so this reads digits and calls no formatter. The years are 1970 to 2261, the
  /// range of nanoseconds in 64 bits; digits after the ninth of a fraction are ignored.
  ///
  /// - Returns: `nil` when the text is not such a time.
  static func nanoseconds(parsing text: String) -> Int64? {
    var rest = Array(text.utf8)[...]
    guard let year = number(&rest, 4), (1970...2261).contains(year), skip(&rest, "-"),
      let month = number(&rest, 2), (1...12).contains(month), skip(&rest, "-"),
      let day = number(&rest, 2), (1...days(in: month, of: year)).contains(day),
      skip(&rest, "T") || skip(&rest, "t"),
      let hour = number(&rest, 2), hour < 24, skip(&rest, ":"),
      let minute = number(&rest, 2), minute < 60, skip(&rest, ":"),
      // 60 is a leap second, which the clocks of Linux do not count.
      let second = number(&rest, 2), second <= 60,
      let fraction = fraction(&rest), let offset = offset(&rest), rest.isEmpty
    else { return nil }
    let days = daysSinceEpoch(year, month, day)
    let seconds = days * 86_400 + hour * 3600 + minute * 60 + min(second, 59) - offset
    return seconds * 1_000_000_000 + fraction
  }

  // MARK: - Parts

  private static func skip(_ rest: inout ArraySlice<UInt8>, _ sign: Unicode.Scalar) -> Bool {
    guard let first = rest.first, UInt32(first) == sign.value else { return false }
    rest.removeFirst()
    return true
  }

  private static func number(_ rest: inout ArraySlice<UInt8>, _ digits: Int) -> Int64? {
    guard rest.count >= digits else { return nil }
    var value: Int64 = 0
    for byte in rest.prefix(digits) {
      guard byte &- 0x30 <= 9 else { return nil }
      value = value * 10 + Int64(byte - 0x30)
    }
    rest.removeFirst(digits)
    return value
  }

  /// Nanoseconds after the decimal point; 0 without one.
  private static func fraction(_ rest: inout ArraySlice<UInt8>) -> Int64? {
    guard skip(&rest, ".") else { return 0 }
    let digits = rest.prefix { $0 &- 0x30 <= 9 }
    guard !digits.isEmpty else { return nil }
    var (value, unit): (Int64, Int64) = (0, 100_000_000)
    for byte in digits {
      value += Int64(byte - 0x30) * unit
      unit /= 10
    }
    rest.removeFirst(digits.count)
    return value
  }

  /// Seconds east of Greenwich.
  private static func offset(_ rest: inout ArraySlice<UInt8>) -> Int64? {
    if skip(&rest, "Z") || skip(&rest, "z") { return 0 }
    let sign: Int64
    if skip(&rest, "+") {
      sign = 1
    } else if skip(&rest, "-") {
      sign = -1
    } else {
      return nil
    }
    guard let hours = number(&rest, 2), hours < 24, skip(&rest, ":"),
      let minutes = number(&rest, 2), minutes < 60
    else { return nil }
    return sign * (hours * 3600 + minutes * 60)
  }

  private static func days(in month: Int64, of year: Int64) -> Int64 {
    switch month {
    case 2: isLeap(year) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  private static func isLeap(_ year: Int64) -> Bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
  }

  private static let daysBeforeMonth: [Int64] = [
    0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334,
  ]

  private static func daysSinceEpoch(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
    let before = year - 1
    // Leap days in all years before this one, less those before 1970.
    let leapDays = before / 4 - before / 100 + before / 400 - 477
    let leapDay: Int64 = month > 2 && isLeap(year) ? 1 : 0
    return (year - 1970) * 365 + leapDays + daysBeforeMonth[Int(month - 1)] + leapDay + day - 1
  }
}
