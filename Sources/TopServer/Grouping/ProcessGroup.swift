import ProcFS

/// Processes that have the same key, as one row.
struct ProcessGroup: Sendable {
  /// The maximum number of pids that a group lists.
  static let mostPIDs = 10

  /// `nil` for processes without one; see ``Grouping/key(of:_:)``.
  let key: String?
  /// The number of processes.
  private(set) var count = 0
  /// What the processes and their exited children used over the window, in CPUs; `nil` if all of it is unknown.
  private(set) var cpu: Double?
  /// The sums of the columns that were asked for, in their order.
  private(set) var sums: [CPUUsageColumn.Cell] = []
  /// The processes that used the most CPU, the hottest first; those with equal use in the order of pids.
  private var hottest: [(cpu: Double, pid: Int32)] = []

  private init(key: String?) { self.key = key }

  var pids: [Int32] { hottest.map(\.pid) }

  private mutating func add(_ cpu: Double?, _ pid: Int32) {
    count += 1
    if let cpu { self.cpu = (self.cpu ?? 0) + cpu }
    let use = cpu ?? -1
    guard hottest.count < Self.mostPIDs || hottest.last.map({ $0.cpu < use }) ?? true else {
      return
    }
    let place = hottest.firstIndex { $0.cpu < use } ?? hottest.count
    hottest.insert((use, pid), at: place)
    if hottest.count > Self.mostPIDs { hottest.removeLast() }
  }

  private mutating func add(_ parts: [CPUUsageColumn.Cell]) {
    if sums.isEmpty {
      sums = parts
    } else {
      for index in parts.indices { sums[index] = sums[index] + parts[index] }
    }
  }

  /// The groups of some rows in the order of their keys, the one without a key last.
  ///
  /// - Parameters:
  ///   - rows: In the order of pids.
  ///   - columns: What to add up.
  static func all(
    of rows: some Sequence<ProcessRow>, by grouping: Grouping, summing columns: [CPUUsageColumn],
    _ weight: WindowWeight, _ context: CPUUsageColumn.Context
  ) -> [ProcessGroup] {
    var places: [String?: Int] = [:]
    var groups: [ProcessGroup] = []
    for row in rows {
      let key = grouping.key(of: row, context.users)
      let place = places[key] ?? groups.count
      if place == groups.count {
        places[key] = place
        groups.append(ProcessGroup(key: key))
      }
      groups[place].add(weight.cpu(row), row.identity.pid)
      groups[place].add(columns.map { $0.part(row, weight, context) })
    }
    return groups.sorted { left, right in
      guard let key = left.key else { return false }
      return right.key.map { key < $0 } ?? true
    }
  }
}
