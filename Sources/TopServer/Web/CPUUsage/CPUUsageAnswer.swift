import Jansson
import MicroHTTPD

/// The answer to `/cpu_usage` in the shape that the query wants.
struct CPUUsageAnswer: Sendable {
  let body: Body
  /// The known users.
  let users: KnownUsers
  /// The table, whose unchanged rows the next one copies; `nil` for groups and trees, whose rows are made each time.
  let table: CPUUsageText?

  /// - Parameter before: The table of an earlier snapshot, or of another query with the same columns.
  /// - Throws: When the filter needs too much work.
  init(
    _ query: CPUUsageQuery, _ snapshot: Snapshot, _ userNames: UserNames,
    after before: CPUUsageText? = nil
  ) throws(FilterError) {
    switch query.shape {
    case .table:
      let text = try CPUUsageText(query, snapshot, userNames, after: before)
      (body, users, table) = (text.body, text.users, text)
    case .groups(let grouping, let columns):
      users = query.knownUsers(of: snapshot, userNames)
      body = try Self.groups(query, grouping, columns, snapshot, users)
      table = nil
    case .tree(let columns):
      users = query.knownUsers(of: snapshot, userNames)
      body = try Self.tree(query, columns, snapshot, users)
      table = nil
    }
  }

  private static func groups(
    _ query: CPUUsageQuery, _ grouping: Grouping, _ columns: [GroupColumn], _ snapshot: Snapshot,
    _ users: KnownUsers
  ) throws(FilterError) -> Body {
    var summed: [CPUUsageColumn] = []
    for case .sum(let column) in columns { summed.append(column) }
    let context = query.context(of: snapshot, users)
    let groups = try query.groups(grouping, summing: summed, snapshot, users)
    return lines(groups, columns: columns.count) { group in
      columns.map { JSONValue.Member($0.name, value($0, group, summed, context)) }
    }
  }

  private static func value(
    _ column: GroupColumn, _ group: ProcessGroup, _ summed: [CPUUsageColumn],
    _ context: CPUUsageColumn.Context
  ) -> JSONValue {
    switch column {
    case .key: JSONValue(group.key) { .string($0) }
    case .processes: .integer(Int64(group.count))
    case .sum(let column):
      JSONValue(summed.firstIndex(of: column)) { group.sums[$0].json(context) }
    case .pids: .array(group.pids.map { .integer(Int64($0)) })
    }
  }

  private static func tree(
    _ query: CPUUsageQuery, _ columns: [TreeColumn], _ snapshot: Snapshot, _ users: KnownUsers
  ) throws(FilterError) -> Body {
    let context = query.context(of: snapshot, users)
    let rows = try query.tree(of: snapshot, users)
    return lines(rows.order, columns: columns.count) { place in
      let row = snapshot.processes[place]
      return columns.map { column in
        JSONValue.Member(column.name, rows.cell(column, place, row, context).json(context))
      }
    }
  }

  /// An array with an object on each line, as ``CPUUsageText`` has it.
  private static func lines<Row>(
    _ rows: [Row], columns: Int, _ members: (Row) -> [JSONValue.Member]
  ) -> Body {
    var text = BodyBuilder(capacity: rows.count * columns * 20 + 1024)
    text.append("[")
    for (position, row) in rows.enumerated() {
      text.append(position > 0 ? ",\n" : "\n")
      text.append(JSONValue.object(members(row)).encoded())
    }
    text.append("\n]\n")
    return text.finish()
  }
}
