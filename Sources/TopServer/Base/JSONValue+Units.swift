import Jansson

/// Numbers in the form that all answers use.
extension JSONValue {
  /// A fraction as percent with two decimals.
  static func percent(_ share: Double) -> JSONValue { decimal(share * 100) }

  static func percent(_ share: Double?) -> JSONValue { JSONValue(share) { .percent($0) } }

  /// A number rounded to at most `places` decimals.
  static func decimal(_ value: Double, places: Int = 2) -> JSONValue {
    .real(value.rounded(places: places))
  }

  static func decimal(_ value: Double?, places: Int = 2) -> JSONValue {
    JSONValue(value) { .decimal($0, places: places) }
  }

  /// A count, at most 2^63 - 1, since Jansson's integers are signed.
  static func count(_ value: UInt64) -> JSONValue { .integer(Int64(clamping: value)) }
}
