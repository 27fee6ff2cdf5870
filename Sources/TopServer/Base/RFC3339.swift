import FoundationEssentials

/// Times as every answer writes them.
///
/// See RFC 3339 section 5.6.
enum RFC3339 {
  private static let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

  /// For example `2026-01-31T08:15:30.250Z`.
  static func text(millisecondsSinceEpoch: Int64) -> String {
    // The style cuts at milliseconds, and as a binary number .250 may be a little less than it should be.
    Date(timeIntervalSince1970: (Double(millisecondsSinceEpoch) + 0.25) / 1e3).formatted(style)
  }

  static func text(secondsSinceEpoch: Double) -> String {
    text(millisecondsSinceEpoch: Int64(exactly: (secondsSinceEpoch * 1e3).rounded()) ?? 0)
  }

  /// Cut at milliseconds, as times are in the history.
  static func text(nanosecondsSinceEpoch: Int64) -> String {
    text(millisecondsSinceEpoch: nanosecondsSinceEpoch / 1_000_000)
  }
}
