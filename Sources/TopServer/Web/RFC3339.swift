import FoundationEssentials

/// Times as every answer writes them.
///
/// See RFC 3339 section 5.6.
enum RFC3339 {
  private static let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

  /// For example `2026-01-31T08:15:30.250Z`.
  static func text(secondsSinceEpoch: Double) -> String {
    Date(timeIntervalSince1970: secondsSinceEpoch).formatted(style)
  }

  static func text(millisecondsSinceEpoch: Int64) -> String {
    text(secondsSinceEpoch: Double(millisecondsSinceEpoch) / 1e3)
  }

  static func text(nanosecondsSinceEpoch: Int64) -> String {
    text(secondsSinceEpoch: Double(nanosecondsSinceEpoch) / 1e9)
  }
}
