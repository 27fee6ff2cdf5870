import Jansson

/// `/history`: times, and one array for each series.
enum HistoryText {
  static func make(_ columns: HistoryColumns, _ query: HistoryQuery) -> [UInt8] {
    let series = columns.columns.map { column in
      JSONValue.Member(
        column.name,
        .array(column.values.map { JSONValue($0) { .real($0) } }))
    }
    let object = JSONValue.object([
      .init("from", .string(RFC3339.text(millisecondsSinceEpoch: query.from))),
      .init("to", .string(RFC3339.text(millisecondsSinceEpoch: query.to))),
      .init("step_seconds", .real(Double(columns.step) / 1000)),
      .init("times", .array(columns.times.map(time))), .init("series", .object(series)),
    ])
    return object.encoded() + [0x0A]
  }

  /// Milliseconds since the epoch as seconds, whole where they are whole.
  static func time(_ milliseconds: Int64) -> JSONValue {
    milliseconds % 1000 == 0
      ? .integer(milliseconds / 1000) : .real(Double(milliseconds) / 1000)
  }
}
