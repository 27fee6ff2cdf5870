import MicroHTTPD
import ProcFS

/// A query for /cpu_usage: columns, order and selection of processes.
struct CPUUsageQuery: Sendable, Hashable {
  /// The order: by a column, or by the total CPU use.
  enum SortKey: Sendable, Hashable {
    case cpu
    case column(CPUUsageColumn)
  }

  /// The meaning of 100 percent.
  enum Scale: String, Sendable, CaseIterable {
    case core
    case machine = "host"
  }

  var columns = CPUUsageColumn.standard
  var sort = SortKey.cpu
  /// `nil` is the default order of the key.
  var descending: Bool?
  var limit: Int?
  /// Keeps names that contain this text, in upper or lower case.
  var name: String?
  var states: Set<ProcessState>?
  /// Keeps processes whose average is at least this percentage, in the requested scale.
  var minimumCPU: Double?
  var scale = Scale.core

  /// The parameters of `/cpu_usage`.
  static let parameters = QueryParameters([
    QueryParameter(
      "fields", "The columns of the answer, in this order.",
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
      "min_cpu", "Keeps the processes that used at least this percentage, in the scale.",
      .percentage, absent: "0"),
    QueryParameter(
      "scale", "The meaning of 100 percent: one CPU, or all CPUs of the machine.",
      .choice(of: Scale.self), absent: Scale.core.rawValue),
    QueryParameter(
      "at", "The past moment to show the table of; by default, the newest sample.", .moment),
  ])

  private static let columnNames = CPUUsageColumn.all.map(\.name)
  private static let stateNames = ProcessState.allCases.map(\.rawValue)

  /// - Parameter items: The query without `at`, see ``PastTableRoute``.
  /// - Throws: A ``Problem`` that names the parameter and what it accepts.
  init(_ items: [RequestTarget.QueryItem]) throws(Problem) {
    var reader = QueryReader<Problem>(items, of: Self.parameters)
    while let value = try reader.next() {
      switch value.name {
      case "fields": columns = try Self.columns(value)
      case "sort": sort = try Self.sortKey(value)
      case "order": descending = try value.choice(SortOrder.self) == .descending
      case "limit": limit = try value.count()
      case "name": name = value.text.lowercased()
      case "status": states = try Self.states(value)
      case "min_cpu": minimumCPU = try value.percentage()
      case "scale": scale = try value.choice(Scale.self)
      default: break
      }
    }
    simplify()
  }

  /// Removes settings without effect, so that queries with the same meaning are equal.
  private mutating func simplify() {
    if descending == sort.sortsDescending { descending = nil }
    if name == "" { name = nil }
    if states?.count == ProcessState.allCases.count { states = nil }
    if minimumCPU == 0 { minimumCPU = nil }
  }

  // MARK: - Values

  private static func columns(_ value: QueryValue<Problem>) throws(Problem) -> [CPUUsageColumn] {
    if value.text == "all" { return CPUUsageColumn.all }
    let names = value.list()
    let columns = names.compactMap { CPUUsageColumn.named($0) }
    guard columns.count == names.count, Set(columns).count == columns.count else {
      throw value.bad()
    }
    return columns
  }

  private static func sortKey(_ value: QueryValue<Problem>) throws(Problem) -> SortKey {
    if value.text == "cpu" { return .cpu }
    guard let column = CPUUsageColumn.named(value.text) else { throw value.bad() }
    return .column(column)
  }

  private static func states(_ value: QueryValue<Problem>) throws(Problem) -> Set<ProcessState> {
    let names = value.list()
    let states = names.compactMap { ProcessState(rawValue: $0) }
    guard states.count == names.count else { throw value.bad() }
    return Set(states)
  }
}
