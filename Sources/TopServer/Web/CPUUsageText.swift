import Jansson

/// `/cpu_usage`: the processes of a snapshot as a JSON array.
enum CPUUsageText {
  /// One process to a line, so that line-based tools can read it too.
  static func make(
    _ query: CPUUsageQuery, _ snapshot: Snapshot, _ userNames: UserNames
  ) -> [UInt8] {
    let context = CPUUsageColumn.Context(
      userNames: userNames, fullCPU: query.fullCPU(of: snapshot))
    let rows = query.select(from: snapshot, userNames: userNames)
    var text: [UInt8] = [UInt8(ascii: "[")]
    text.reserveCapacity(rows.count * 90 + 8)
    var separator = Array("\n".utf8)
    for row in rows {
      let members = query.columns.map { JSONValue.Member($0.rawValue, $0.value(of: row, context)) }
      text += separator
      text += JSONValue.object(members).encoded()
      separator = Array(",\n".utf8)
    }
    text += "\n]\n".utf8
    return text
  }
}
