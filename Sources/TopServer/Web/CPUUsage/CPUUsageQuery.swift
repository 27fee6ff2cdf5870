import MicroHTTPD
import ProcFS

/// A query for /cpu_usage: columns, order and selection of processes, and whether they are rows, groups or a tree.
struct CPUUsageQuery: Sendable, Hashable {
  /// The order: by a column, or by the total CPU use.
  enum SortKey: Sendable, Hashable {
    case cpu
    case column(CPUUsageColumn)
    case groupColumn(GroupColumn)
    case treeColumn(TreeColumn)
  }

  /// What a row of the answer is.
  enum Shape: Sendable, Hashable {
    /// A process.
    case table
    /// A group of processes, with these columns.
    case groups(Grouping, [GroupColumn])
    /// A process in the tree, with these columns.
    case tree([TreeColumn])
  }

  /// The meaning of 100 percent.
  enum Scale: String, Sendable, CaseIterable {
    case core
    case machine = "host"
  }

  var shape = Shape.table
  /// The columns of a table.
  var columns = CPUUsageColumn.standard
  var sort = SortKey.cpu
  /// `nil` is the default order of the key.
  var descending: Bool?
  var limit: Int?
  /// Keeps names that contain this text, in upper or lower case.
  var name: String?
  var states: Set<ProcessState>?
  /// Keeps rows whose average is at least this percentage, in the requested scale.
  var minimumCPU: Double?
  /// Chooses processes, also for groups.
  var filter: Filter?
  var scale = Scale.core
  /// The past moment in milliseconds since the epoch; `nil` is the newest sample.
  var moment: Int64?

  /// The parameters of `/cpu_usage`.
  static let parameters = QueryParameters([
    QueryParameter(
      "fields", "The columns of the answer, in this order; groups and the tree have others.",
      QueryValues(
        kind: .words(columnNames),
        words: "all, or each of these once, separated by commas: "
          + columnNames.joined(separator: ", ")),
      absent: CPUUsageColumn.standard.map(\.name).joined(separator: ",")),
    QueryParameter(
      "sort", "The sort key: a column, or cpu for user_avg and sys_avg together.",
      QueryValues(
        kind: .word(["cpu"] + columnNames),
        words: "cpu or one of " + columnNames.joined(separator: ", ")), absent: "cpu"),
    QueryParameter(
      "order", "Ascending or descending; by default, amounts of use descend and all else ascends.",
      .choice(of: SortOrder.self)),
    QueryParameter("limit", "The maximum number of rows to return.", .count),
    QueryParameter(
      "name", "Keeps the processes whose name contains this text, in upper or lower case.",
      .text("any text"), absent: ""),
    QueryParameter(
      "status", "Keeps the processes in one of these states.",
      QueryValues(
        kind: .words(stateNames),
        words: "one or more of these, separated by commas: "
          + stateNames.joined(separator: ", ")),
      absent: stateNames.joined(separator: ",")),
    QueryParameter(
      "min_cpu", "Keeps the rows that used at least this percentage, in the scale.",
      .percentage, absent: "0"),
    QueryParameter(
      "filter", "Keeps the processes that pass this filter; see filter.md.",
      .text("a filter such as cpu > 5 and not kernel"), absent: ""),
    QueryParameter(
      "group", "Makes one row of all processes with the same program, user and so on.",
      .choice(of: Grouping.self)),
    QueryParameter(
      "tree", "With 1, each process is followed by its children.",
      QueryValues(kind: .word(["0", "1"]), words: "0 or 1"), absent: "0"),
    QueryParameter(
      "scale", "The meaning of 100 percent: one CPU, or all CPUs of the machine.",
      .choice(of: Scale.self), absent: Scale.core.rawValue),
    QueryParameter(
      "at", "The past moment to show the table of; by default, the newest sample.", .moment),
  ])

  private static let columnNames = CPUUsageColumn.all.map(\.name)
  private static let stateNames = ProcessState.allCases.map(\.rawValue)

  /// - Parameter now: Milliseconds since the epoch, to which a moment may be relative.
  /// - Throws: A ``Problem`` that names the parameter and what it accepts.
  init(_ items: [RequestTarget.QueryItem], now: Int64 = 0) throws(Problem) {
    // The shape decides which columns exist, wherever the query names it.
    let grouping = items.first { $0.name == "group" }.flatMap { Grouping(rawValue: $0.value) }
    let isTree = items.contains { $0.name == "tree" && $0.value == "1" }
    shape = Self.shape(grouping, isTree: isTree)
    var reader = QueryReader<Problem>(items, of: Self.parameters)
    while let value = try reader.next() {
      switch value.name {
      case "fields": try readColumns(value)
      case "sort": sort = try sortKey(value)
      case "order": descending = try value.choice(SortOrder.self) == .descending
      case "limit": limit = try value.count()
      case "name": name = value.text.lowercased()
      case "status": states = try Self.states(value)
      case "min_cpu": minimumCPU = try value.percentage()
      case "filter": filter = try Self.filter(value)
      case "group": _ = try value.choice(Grouping.self)
      case "tree": guard ["0", "1"].contains(value.text) else { throw value.bad() }
      case "scale": scale = try value.choice(Scale.self)
      case "at": moment = try value.moment(now: now)
      default: break
      }
    }
    guard grouping == nil || !isTree else {
      throw Problem.badQuery("group and tree=1 exclude each other: leave one of them out")
    }
    simplify()
  }

  private static func shape(_ grouping: Grouping?, isTree: Bool) -> Shape {
    if let grouping { return .groups(grouping, GroupColumn.standard(grouping)) }
    return isTree ? .tree(TreeColumn.standard) : .table
  }

  /// Removes settings without effect, so that queries with the same meaning are equal.
  private mutating func simplify() {
    if descending == sort.sortsDescending { descending = nil }
    if name == "" { name = nil }
    if states?.count == ProcessState.allCases.count { states = nil }
    if minimumCPU == 0 { minimumCPU = nil }
  }

  // MARK: - Values

  private mutating func readColumns(_ value: QueryValue<Problem>) throws(Problem) {
    switch shape {
    case .table: columns = try Self.columns(value, of: CPUUsageColumn.all, \.name)
    case .groups(let grouping, _):
      let all = GroupColumn.all(grouping)
      shape = .groups(grouping, try Self.columns(value, of: all, \.name, with: setting))
    case .tree:
      shape = .tree(try Self.columns(value, of: TreeColumn.all, \.name, with: setting))
    }
  }

  /// - Parameter setting: The parameter that decides which columns exist, as `name=value`.
  private static func columns<Column: Hashable>(
    _ value: QueryValue<Problem>, of all: [Column], _ name: (Column) -> String,
    with setting: String? = nil
  ) throws(Problem) -> [Column] {
    if value.text == "all" { return all }
    let names = value.list()
    var columns: [Column] = []
    for wanted in names {
      if let column = all.first(where: { name($0) == wanted }) { columns.append(column) }
    }
    guard columns.count == names.count, Set(columns).count == columns.count else {
      guard let setting else { throw value.bad() }
      throw value.bad(
        with: setting,
        accepts: "all, or each of these once, separated by commas: "
          + all.map(name).joined(separator: ", "))
    }
    return columns
  }

  private func sortKey(_ value: QueryValue<Problem>) throws(Problem) -> SortKey {
    if value.text == "cpu" { return .cpu }
    switch shape {
    case .table:
      guard let column = CPUUsageColumn.named(value.text) else { throw value.bad() }
      return .column(column)
    case .groups(let grouping, _):
      let all = GroupColumn.all(grouping).filter(\.isSortable)
      guard let column = all.first(where: { $0.name == value.text }) else {
        throw value.bad(with: setting, accepts: Self.sortKeys(all.map(\.name)))
      }
      return .groupColumn(column)
    case .tree:
      guard let column = TreeColumn.all.first(where: { $0.name == value.text }) else {
        throw value.bad(with: setting, accepts: Self.sortKeys(TreeColumn.all.map(\.name)))
      }
      return .treeColumn(column)
    }
  }

  private static func sortKeys(_ names: [String]) -> String {
    "cpu or one of " + names.joined(separator: ", ")
  }

  /// The parameter that makes the shape, as `name=value`.
  private var setting: String {
    switch shape {
    case .table: "tree=0"
    case .groups(let grouping, _): "group=\(grouping.rawValue)"
    case .tree: "tree=1"
    }
  }

  private static func states(_ value: QueryValue<Problem>) throws(Problem) -> Set<ProcessState> {
    let names = value.list()
    let states = names.compactMap { ProcessState(rawValue: $0) }
    guard states.count == names.count else { throw value.bad() }
    return Set(states)
  }

  /// - Returns: `nil` for an empty text.
  private static func filter(_ value: QueryValue<Problem>) throws(Problem) -> Filter? {
    guard !value.text.isEmpty else { return nil }
    do {
      return try Filter(value.text, fields: ProcessFields.names)
    } catch {
      throw value.bad(because: error.description)
    }
  }
}

extension CPUUsageQuery.SortKey {
  /// Whether the default order is descending.
  var sortsDescending: Bool {
    switch self {
    case .cpu: true
    case .column(let column): column.sortsDescending
    case .groupColumn(let column): column.sortsDescending
    case .treeColumn(let column): column.sortsDescending
    }
  }

  /// Whether the order depends on the names of users.
  var readsUsers: Bool {
    switch self {
    case .cpu, .groupColumn: false
    case .column(let column): column.readsUsers
    case .treeColumn(let column): column.readsUsers
    }
  }
}

extension Problem {
  /// The error for a filter whose expressions need too much work on this table.
  init(_ error: FilterError, in filter: Filter?) {
    self = .badQuery("filter=\(Wording.shortened(filter?.text ?? "")): \(error.description)")
  }
}
