/// A column of the answer to `/cpu_usage?group=`.
enum GroupColumn: Sendable, Hashable {
  case key(Grouping)
  /// The number of processes.
  case processes
  /// The sum of a column over the processes.
  case sum(CPUUsageColumn)
  /// The pids of the hottest processes.
  case pids

  /// Every column of the groups, in the order of `fields=all`.
  static func all(_ grouping: Grouping) -> [GroupColumn] {
    [.key(grouping), .processes] + CPUUsageColumn.summed.map { .sum($0) } + [.pids]
  }

  /// The columns of an answer to a request without `fields`: which group, and all of its CPU time.
  static func standard(_ grouping: Grouping) -> [GroupColumn] {
    all(grouping).filter { column in
      if case .sum(let column) = column { column.isAverage } else { true }
    }
  }

  var name: String {
    switch self {
    case .key(let grouping): grouping.rawValue
    case .processes: "processes"
    case .sum(let column): column.name
    case .pids: "pids"
    }
  }

  /// Whether rows can be sorted by it.
  var isSortable: Bool { self != .pids }

  /// Whether the default order is descending.
  var sortsDescending: Bool {
    if case .key = self { false } else { true }
  }
}
