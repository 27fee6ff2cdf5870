import MicroHTTPD
import ProcFS

/// What a request for /cpu_usage asks for: columns, order and which processes.
struct CPUUsageQuery: Sendable, Hashable {
  /// What to order by: a column, or the CPU use in all.
  enum SortKey: Sendable, Hashable {
    case cpu
    case column(CPUUsageColumn)
  }

  /// What 100 percent are.
  enum Scale: String, Sendable, CaseIterable {
    case core
    case host
  }

  var columns = CPUUsageColumn.standard
  var sort = SortKey.cpu
  /// `nil` is the order in which the key reads best.
  var descending: Bool?
  var limit: Int?
  /// Keeps names that contain this text, whatever the case.
  var name: String?
  var states: Set<ProcessState>?
  /// Keeps processes whose average is at least this many percent, in the chosen scale.
  var minimumCPU: Double?
  var scale = Scale.core

  /// - Throws: a ``Problem`` that names the parameter and what it accepts.
  init(_ items: [RequestTarget.QueryItem]) throws(Problem) {
    var seen: Set<String> = []
    for item in items {
      guard seen.insert(item.name).inserted else {
        throw Problem(status: 400, detail: "\(item.name) is given more than once")
      }
      switch item.name {
      case "fields": columns = try Self.columns(item)
      case "sort": sort = try Self.sortKey(item)
      case "order": descending = try item.choice(["asc": false, "desc": true])
      case "limit": limit = try item.wholeNumber()
      case "name": name = item.value.lowercased()
      case "status": states = try Self.states(item)
      case "min_cpu": minimumCPU = try item.percent()
      case "scale":
        scale = try item.choice(
          Dictionary(uniqueKeysWithValues: Scale.allCases.map { ($0.rawValue, $0) }))
      default:
        throw Problem(
          status: 400,
          detail: "\"\(item.name)\" is no parameter of this route; it accepts fields, sort, order, "
            + "limit, name, status, min_cpu, scale and at")
      }
    }
    simplify()
  }

  /// Takes out what changes nothing, so that queries with the same meaning are equal.
  private mutating func simplify() {
    if descending == sort.readsDescending { descending = nil }
    if name == "" { name = nil }
    if states?.count == ProcessState.allCases.count { states = nil }
    if minimumCPU == 0 { minimumCPU = nil }
  }

  // MARK: - Values

  private static let columnNames = CPUUsageColumn.all.map(\.name).joined(separator: ", ")

  private static func columns(_ item: RequestTarget.QueryItem) throws(Problem) -> [CPUUsageColumn] {
    if item.value == "all" { return CPUUsageColumn.all }
    let names = item.value.split(separator: ",", omittingEmptySubsequences: false)
    let columns = names.compactMap { CPUUsageColumn.named($0) }
    guard columns.count == names.count, Set(columns).count == columns.count else {
      throw item.bad(accepts: "all, or each of these once, separated by commas: \(columnNames)")
    }
    return columns
  }

  private static func sortKey(_ item: RequestTarget.QueryItem) throws(Problem) -> SortKey {
    if item.value == "cpu" { return .cpu }
    guard let column = CPUUsageColumn.named(item.value) else {
      throw item.bad(accepts: "cpu or one of \(columnNames)")
    }
    return .column(column)
  }

  private static func states(_ item: RequestTarget.QueryItem) throws(Problem) -> Set<ProcessState> {
    let words = item.value.split(separator: ",", omittingEmptySubsequences: false)
    let states = words.compactMap { ProcessState(rawValue: String($0)) }
    guard states.count == words.count else {
      let all = ProcessState.allCases.map(\.rawValue).joined(separator: ", ")
      throw item.bad(accepts: "one or more of these, separated by commas: \(all)")
    }
    return Set(states)
  }
}
