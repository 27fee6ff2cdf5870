extension CPUUsageQuery {
  /// The percentage of one fully busy CPU in the requested scale.
  func fullCPU(of snapshot: Snapshot) -> Double {
    scale == .core ? 100 : 100 / Double(max(1, snapshot.cpuCount))
  }

  /// The work of an answer, see ``AnswerMaker/work(for:_:)``.
  func work(for snapshot: Snapshot) -> Int {
    let rows = snapshot.processes.count
    return rows + min(limit ?? rows, rows) * columns.count
  }

  /// Whether an answer depends on the names of users.
  var needsUsers: Bool {
    if case .column(let column) = sort, column.readsUsers { return true }
    return columns.contains(where: \.readsUsers)
  }

  /// The indices of the selected processes in the snapshot, in the order of the query.
  func select(from snapshot: Snapshot, users: KnownUsers) -> [Int] {
    let fullCPU = fullCPU(of: snapshot)
    let rows = snapshot.processes
    var places = Array(rows.indices)
    if name != nil || states != nil || minimumCPU != nil {
      places = places.filter { place in
        let row = rows[place]
        return (name.map { row.name.lowercased().contains($0) } ?? true)
          && (states?.contains(row.state) ?? true)
          && (minimumCPU.map { (row.average?.total ?? 0) * fullCPU >= $0 } ?? true)
      }
    }
    places = sorted(places, rows, users)
    return limit.map { Array(places.prefix($0)) } ?? places
  }

  /// Sorts rows; they come in order of pid and the sorts are stable, so ties stay in that order.
  private func sorted(_ places: [Int], _ rows: [ProcessRow], _ users: KnownUsers) -> [Int] {
    let descending = descending ?? sort.sortsDescending
    guard case .column(let column) = sort else {
      return Self.sorted(places, rows, descending: descending) { $0.average?.total }
    }
    let context = CPUUsageColumn.Context(users: users, fullCPU: 100)
    if let first = places.first, column.read(rows[first], context).isText {
      return Self.sorted(places, rows, descending: descending) { column.read($0, context).text }
    }
    return Self.sorted(places, rows, descending: descending) { column.read($0, context).number }
  }

  /// Sorts by a key; rows without one come last in either order.
  ///
  /// Most processes use no CPU and are equal; the sort skips such runs with one comparison each.
  private static func sorted<Key: Comparable>(
    _ places: [Int], _ rows: [ProcessRow], descending: Bool, _ key: (ProcessRow) -> Key?
  ) -> [Int] {
    var keyed: [(key: Key, place: Int)] = []
    keyed.reserveCapacity(places.count)
    var without: [Int] = []
    for place in places {
      if let key = key(rows[place]) { keyed.append((key, place)) } else { without.append(place) }
    }
    keyed.sort { left, right in
      if left.key != right.key { return descending ? left.key > right.key : left.key < right.key }
      return left.place < right.place
    }
    return keyed.map(\.place) + without
  }
}

extension CPUUsageQuery.SortKey {
  /// Whether the default order is descending.
  var sortsDescending: Bool {
    switch self {
    case .cpu: true
    case .column(let column): column.sortsDescending
    }
  }
}
