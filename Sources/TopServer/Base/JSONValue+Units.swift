import Jansson

/// Numbers as all answers write them.
extension JSONValue {
  /// Percent with two decimals, of a share that is a fraction.
  static func percent(_ share: Double) -> JSONValue { decimal(share * 100) }

  static func percent(_ share: Double?) -> JSONValue { JSONValue(share) { .percent($0) } }

  /// A number with so many decimals at most.
  static func decimal(_ value: Double, places: Int = 2) -> JSONValue {
    .real(value.rounded(places: places))
  }

  static func decimal(_ value: Double?, places: Int = 2) -> JSONValue {
    JSONValue(value) { .decimal($0, places: places) }
  }

  /// A count; the few that JSON's readers could not hold are cut to the largest.
  static func count(_ value: UInt64) -> JSONValue { .integer(Int64(clamping: value)) }
}
