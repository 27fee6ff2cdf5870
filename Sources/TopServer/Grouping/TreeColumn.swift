/// A column of the answer to `/cpu_usage?tree=1`.
enum TreeColumn: Sendable, Hashable {
  case column(CPUUsageColumn)
  /// The number of ancestors in the table.
  case depth
  /// What the process, its exited children and all its descendants used over the window.
  case subtreeUser, subtreeSystem
  /// Whether the row itself passes the filters, and is not only here because a descendant does.
  case matched

  private static let own: [TreeColumn] = [.depth, .subtreeUser, .subtreeSystem, .matched]

  /// Every column, in the order of `fields=all`.
  static let all = CPUUsageColumn.all.map { TreeColumn.column($0) } + own

  /// The columns of an answer to a request without `fields`.
  static let standard =
    CPUUsageColumn.standard.map { TreeColumn.column($0) } + [.depth, .subtreeUser, .subtreeSystem]

  var name: String {
    switch self {
    case .column(let column): column.name
    case .depth: "depth"
    case .subtreeUser: "subtree_user_avg"
    case .subtreeSystem: "subtree_sys_avg"
    case .matched: "matched"
    }
  }

  /// Whether the default order of siblings is descending.
  var sortsDescending: Bool {
    switch self {
    case .column(let column): column.sortsDescending
    case .subtreeUser, .subtreeSystem: true
    case .depth, .matched: false
    }
  }

  var readsUsers: Bool {
    if case .column(let column) = self { column.readsUsers } else { false }
  }
}
