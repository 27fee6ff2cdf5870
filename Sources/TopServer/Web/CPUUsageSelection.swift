import ProcFS

extension CPUUsageQuery {
  /// Percent that one CPU, busy all the time, amounts to in the chosen scale.
  func fullCPU(of snapshot: Snapshot) -> Double {
    scale == .core ? 100 : 100 / Double(max(1, snapshot.cpuCount))
  }

  /// The processes that the query keeps, in its order.
  func select(from snapshot: Snapshot, userNames: UserNames) -> [ProcessRow] {
    let fullCPU = fullCPU(of: snapshot)
    var rows = snapshot.processes
    if name != nil || states != nil || minimumCPU != nil {
      rows = rows.filter { row in
        (name.map { row.name.lowercased().contains($0) } ?? true)
          && (states?.contains(row.state) ?? true)
          && (minimumCPU.map { (row.average?.total ?? 0) * fullCPU >= $0 } ?? true)
      }
    }
    rows = sorted(rows, userNames)
    return limit.map { Array(rows.prefix($0)) } ?? rows
  }

  /// The rows come in order of pid and all sorts here are stable, so rows that are equal stay in that order.
  private func sorted(_ rows: [ProcessRow], _ userNames: UserNames) -> [ProcessRow] {
    func by<Key: Comparable>(descending natural: Bool = false, _ key: (ProcessRow) -> Key?)
      -> [ProcessRow]
    {
      Self.sorted(rows, descending: descending ?? natural, key)
    }
    switch sort {
    case .cpu: return by(descending: true) { $0.average?.total }
    case .column(let column):
      switch column {
      case .pid: return by { $0.identity.pid }
      case .name: return by { $0.name }
      case .userAverage: return by(descending: true) { $0.average?.user }
      case .systemAverage: return by(descending: true) { $0.average?.system }
      case .status: return by { $0.state.rawValue }
      case .parentPID: return by { $0.parentPID }
      case .uid: return by { $0.uid }
      case .user: return by { userNames.name(of: $0.uid) }
      case .threads: return by(descending: true) { $0.threads }
      case .residentBytes: return by(descending: true) { $0.residentBytes }
      case .startTime: return by { $0.startTime }
      case .windowSeconds: return by { $0.window }
      case .userNow: return by(descending: true) { $0.recent?.user }
      case .systemNow: return by(descending: true) { $0.recent?.system }
      case .childrenUserAverage: return by(descending: true) { $0.childrenAverage?.user }
      case .childrenSystemAverage: return by(descending: true) { $0.childrenAverage?.system }
      case .kernel: return by { $0.isKernelThread ? 1 : 0 }
      }
    }
  }

  /// Sorts by a key; rows without one come last in either order.
  ///
  /// Most processes use no CPU and are equal; the sort finds such runs and passes over them at one comparison each.
  private static func sorted<Key: Comparable>(
    _ rows: [ProcessRow], descending: Bool, _ key: (ProcessRow) -> Key?
  ) -> [ProcessRow] {
    var keyed: [(key: Key, index: Int)] = []
    var without: [Int] = []
    for index in rows.indices {
      if let key = key(rows[index]) { keyed.append((key, index)) } else { without.append(index) }
    }
    keyed.sort { left, right in
      if left.key != right.key { return descending ? left.key > right.key : left.key < right.key }
      return left.index < right.index
    }
    return keyed.map { rows[$0.index] } + without.map { rows[$0] }
  }
}
