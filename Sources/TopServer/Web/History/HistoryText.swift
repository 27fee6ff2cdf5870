import Jansson
import MicroHTTPD

/// `/history`: times, and one array for each series.
enum HistoryText {
  /// Encodes one column after the other into the final buffer, so that a long answer is in memory once.
  static func make(_ columns: HistoryColumns, _ query: HistoryQuery) throws -> Body {
    // Generous, since pages that are never written to take no memory.
    var text = BodyBuilder(
      capacity: 1024 + columns.valueCount * bytesOfValue + columns.times.count * bytesOfValue
        + columns.selection.columns.count * 64)
    text.append("{")
    if let host = query.host { text.append(member("host", .string(host)) + comma) }
    text.append(member("from", .string(RFC3339.text(millisecondsSinceEpoch: query.from))) + comma)
    text.append(member("to", .string(RFC3339.text(millisecondsSinceEpoch: query.to))) + comma)
    text.append(member("step_seconds", .real(Double(columns.step) / 1000)) + comma)
    text.append(member("times", .array(columns.times.map(time))))
    text.append(",\"series\":{")
    for (index, column) in columns.selection.columns.enumerated() {
      try Task.checkCancellation()
      if index > 0 { text.append(",") }
      let values = columns.times.indices.map { JSONValue(columns.value(column, $0)) { .real($0) } }
      text.append(member(column.name, .array(values)))
    }
    text.append("}}\n")
    return text.finish()
  }

  /// The bytes of a typical number with its comma.
  private static let bytesOfValue = 16
  private static let comma = [UInt8(ascii: ",")]

  private static func member(_ name: String, _ value: JSONValue) -> [UInt8] {
    JSONValue.string(name).encoded() + [UInt8(ascii: ":")] + value.encoded()
  }

  /// Milliseconds since the epoch as seconds, an integer if possible.
  static func time(_ milliseconds: Int64) -> JSONValue {
    milliseconds % 1000 == 0
      ? .integer(milliseconds / 1000) : .real(Double(milliseconds) / 1000)
  }
}
