import Linux
import ProcFS

extension CPUUsageQuery {
  /// The percentage of one fully busy CPU in the requested scale.
  func fullCPU(of snapshot: Snapshot) -> Double {
    scale == .core ? 100 : 100 / Double(max(1, snapshot.cpuCount))
  }

  /// The number of columns of the answer.
  var columnCount: Int {
    switch shape {
    case .table: columns.count
    case .groups(_, let columns): columns.count
    case .tree(let columns): columns.count
    }
  }

  /// What finding the rows takes for each process, in values.
  var valuesOfProcess: Int {
    switch shape {
    case .table: 0
    // A group of one process has its sums, its pids and its key.
    case .groups: 12
    // Places of parents, children, depths, sums and marks.
    case .tree: 6
    }
  }

  /// The work of an answer, see ``AnswerMaker/work(for:_:)``.
  func work(for snapshot: Snapshot) -> Int {
    let rows = snapshot.processes.count
    return rows * (1 + valuesOfProcess) + min(limit ?? rows, rows) * columnCount
      + (filter?.mostWork(rows: rows) ?? 0)
  }

  /// Whether an answer depends on the names of users.
  var needsUsers: Bool {
    if sort.readsUsers || selectsByUsers { return true }
    return switch shape {
    case .table: columns.contains(where: \.readsUsers)
    case .groups: false
    case .tree(let columns): columns.contains(where: \.readsUsers)
    }
  }

  /// Whether the names of users decide which rows there are, and not only what they show.
  var selectsByUsers: Bool {
    if case .groups(let grouping, _) = shape, grouping.readsUsers { return true }
    return filter.map { ProcessFields.readsUsers($0) } ?? false
  }

  /// The known names of users that an answer needs.
  func knownUsers(of snapshot: Snapshot, _ names: UserNames) -> KnownUsers {
    needsUsers ? names.known(Set(snapshot.processes.map(\.uid))) : KnownUsers()
  }

  /// What the values of an answer depend on in addition to their rows.
  func context(of snapshot: Snapshot, _ users: KnownUsers) -> CPUUsageColumn.Context {
    CPUUsageColumn.Context(users: users, fullCPU: fullCPU(of: snapshot))
  }

  /// The indices of the selected processes in the snapshot, in the order of the query.
  ///
  /// - Throws: When the filter needs too much work.
  func select(from snapshot: Snapshot, users: KnownUsers) throws(FilterError) -> [Int] {
    let rows = snapshot.processes
    let places = sorted(try matching(snapshot, users), rows, users)
    return limit.map { Array(places.prefix($0)) } ?? places
  }

  /// The indices of the processes that pass all filters, in the order of the snapshot.
  ///
  /// `min_cpu` is about rows of the answer, so it chooses no processes of groups.
  private func matching(_ snapshot: Snapshot, _ users: KnownUsers) throws(FilterError) -> [Int] {
    let fullCPU = fullCPU(of: snapshot)
    let rows = snapshot.processes
    let places = Array(rows.indices)
    let minimumCPU = if case .groups = shape { nil as Double? } else { minimumCPU }
    guard name != nil || states != nil || minimumCPU != nil || filter != nil else { return places }
    let run = filter?.run()
    let context = ProcessFields.Context(
      columns: context(of: snapshot, users), now: Double(snapshot.time.wall) / 1e9)
    var matching: [Int] = []
    for place in places {
      let row = rows[place]
      guard name.map({ row.name.lowercased().contains($0) }) ?? true,
        states?.contains(row.state) ?? true,
        minimumCPU.map({ (row.average?.total ?? 0) * fullCPU >= $0 }) ?? true
      else { continue }
      if let filter, let run {
        let passes = try filter.accepts(in: run) { ProcessFields.value(of: $0, row, context) }
        guard passes else { continue }
      }
      matching.append(place)
    }
    return matching
  }

  /// Sorts rows; they come in order of pid and the sorts are stable, so ties stay in that order.
  private func sorted(_ places: [Int], _ rows: [ProcessRow], _ users: KnownUsers) -> [Int] {
    let descending = descending ?? sort.sortsDescending
    guard case .column(let column) = sort else {
      return RowOrder.sorted(places, descending: descending) { rows[$0].average?.total }
    }
    let context = CPUUsageColumn.Context(users: users, fullCPU: 100)
    let read = column.read
    return RowOrder.sorted(places, descending: descending, byCells: { read(rows[$0], context) })
  }
}

// MARK: - Groups

extension CPUUsageQuery {
  /// The groups of the selected processes, in the order of the query.
  ///
  /// - Parameter columns: What to add up.
  /// - Throws: When the filter needs too much work.
  func groups(
    _ grouping: Grouping, summing columns: [CPUUsageColumn], _ snapshot: Snapshot,
    _ users: KnownUsers
  ) throws(FilterError) -> [ProcessGroup] {
    let context = context(of: snapshot, users)
    var columns = columns
    var sortPlace: Int?
    if case .groupColumn(.sum(let column)) = sort {
      sortPlace = columns.firstIndex(of: column) ?? columns.count
      if sortPlace == columns.count { columns.append(column) }
    }
    let rows = snapshot.processes
    var groups = ProcessGroup.all(
      of: try matching(snapshot, users).lazy.map { rows[$0] }, by: grouping, summing: columns,
      WindowWeight(snapshot), context)
    if let minimumCPU {
      groups.removeAll { ($0.cpu ?? 0) * context.fullCPU < minimumCPU }
    }
    let order = order(of: groups, sortPlace)
    return order.prefix(limit ?? order.count).map { groups[$0] }
  }

  /// - Parameter sortPlace: The sum to sort by.
  private func order(of groups: [ProcessGroup], _ sortPlace: Int?) -> [Int] {
    let descending = descending ?? sort.sortsDescending
    let places = Array(groups.indices)
    if let sortPlace {
      return RowOrder.sorted(
        places, descending: descending, byCells: { groups[$0].sums[sortPlace] })
    }
    return switch sort {
    case .groupColumn(.key): RowOrder.sorted(places, descending: descending) { groups[$0].key }
    case .groupColumn(.processes):
      RowOrder.sorted(places, descending: descending) { groups[$0].count }
    default: RowOrder.sorted(places, descending: descending) { groups[$0].cpu }
    }
  }
}

// MARK: - The tree

extension CPUUsageQuery {
  /// The rows of a tree and what they show in addition to the columns of a table.
  struct TreeRows: Sendable {
    /// The indices of the rows in the snapshot, in the order of the answer.
    var order: [Int]
    var tree: ProcessTree
    /// CPU use of each process with its exited children and its descendants, over the window and in CPUs.
    var user: [Double?]
    var system: [Double?]
    /// Whether each process passes the filters.
    var matched: [Bool]
  }

  /// The selected processes with their ancestors, from the top.
  ///
  /// - Throws: When the filter needs too much work.
  func tree(of snapshot: Snapshot, _ users: KnownUsers) throws(FilterError) -> TreeRows {
    let rows = snapshot.processes
    let weight = WindowWeight(snapshot)
    let tree = ProcessTree(
      pids: rows.map(\.identity.pid), parentPIDs: rows.map(\.parentPID))
    func subtrees(_ part: (CPUShare) -> Double) -> [Double?] {
      tree.sums(
        of: rows.map { row in
          let parts = [row.average, row.childrenAverage].compactMap { $0.map(part) }
          return parts.isEmpty ? nil : parts.reduce(0, +) * weight(row)
        })
    }
    var matched = [Bool](repeating: false, count: rows.count)
    for place in try matching(snapshot, users) { matched[place] = true }
    var result = TreeRows(
      order: [], tree: tree, user: subtrees(\.user), system: subtrees(\.system), matched: matched)
    result.order = tree.depthFirst(
      siblings(result, snapshot, users), kept: tree.withAncestors(matched), limit: limit ?? .max)
    return result
  }

  /// All places in the order of siblings.
  private func siblings(_ rows: TreeRows, _ snapshot: Snapshot, _ users: KnownUsers) -> [Int] {
    let descending = descending ?? sort.sortsDescending
    let places = Array(snapshot.processes.indices)
    let context = CPUUsageColumn.Context(users: users, fullCPU: 100)
    guard case .treeColumn(let column) = sort else {
      return RowOrder.sorted(places, descending: descending) { place in
        guard rows.user[place] != nil || rows.system[place] != nil else { return nil as Double? }
        return (rows.user[place] ?? 0) + (rows.system[place] ?? 0)
      }
    }
    return RowOrder.sorted(
      places, descending: descending,
      byCells: { rows.cell(column, $0, snapshot.processes[$0], context) })
  }
}

extension CPUUsageQuery.TreeRows {
  /// The value of a column for the process at a place.
  func cell(
    _ column: TreeColumn, _ place: Int, _ row: ProcessRow, _ context: CPUUsageColumn.Context
  ) -> CPUUsageColumn.Cell {
    switch column {
    case .column(let column): column.read(row, context)
    case .depth: .whole(Int64(tree.depths[place]))
    case .subtreeUser: .share(user[place])
    case .subtreeSystem: .share(system[place])
    case .matched: .truth(matched[place])
    }
  }
}
