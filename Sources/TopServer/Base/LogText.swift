/// Formats numbers, durations and untrusted names for log messages.
enum LogText {
  /// At most two decimals, without trailing zeros.
  static func number(_ value: Double) -> String {
    let rounded = value.rounded(places: 2)
    return Int64(exactly: rounded).map { "\($0)" } ?? "\(rounded)"
  }

  /// For example "30 s", "5 min", "2 min 10 s", "3 h".
  static func duration(_ duration: Duration) -> String { seconds(duration / .seconds(1)) }

  static func seconds(_ seconds: Double) -> String {
    guard seconds >= 60 else { return "\(number(seconds)) s" }
    let whole = Int64(min(seconds.rounded(), 1e15))
    let parts = [(whole / 3600, "h"), (whole / 60 % 60, "min"), (whole % 60, "s")]
    return parts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: " ")
  }

  /// Replaces the characters of an untrusted name that could break a line or move a cursor.
  static func visible(_ name: String) -> String {
    String(
      String.UnicodeScalarView(
        name.unicodeScalars.map { scalar in
          switch scalar.properties.generalCategory {
          case .control, .format, .lineSeparator, .paragraphSeparator: "\u{FFFD}"
          default: scalar
          }
        }))
  }
}
