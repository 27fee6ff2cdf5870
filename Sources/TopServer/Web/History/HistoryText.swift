import Jansson
import MicroHTTPD

/// `/history`: times, and one array for each series.
enum HistoryText {
  /// Column by column and in the place where it stays, so that a long answer is there once.
  static func make(_ columns: HistoryColumns, _ query: HistoryQuery) throws -> Body {
    // More than is needed: what is never written to takes no memory.
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

  /// As many as a number has that is usual here, with the comma.
  private static let bytesOfValue = 16
  private static let comma = [UInt8(ascii: ",")]

  private static func member(_ name: String, _ value: JSONValue) -> [UInt8] {
    JSONValue.string(name).encoded() + [UInt8(ascii: ":")] + value.encoded()
  }

  /// Milliseconds since the epoch as seconds, whole where they are whole.
  static func time(_ milliseconds: Int64) -> JSONValue {
    milliseconds % 1000 == 0
      ? .integer(milliseconds / 1000) : .real(Double(milliseconds) / 1000)
  }
}
