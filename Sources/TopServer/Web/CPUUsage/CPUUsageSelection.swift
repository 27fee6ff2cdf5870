import ProcFS

extension CPUUsageQuery {
  /// Percent that one CPU, busy all the time, amounts to in the chosen scale.
  func fullCPU(of snapshot: Snapshot) -> Double {
    scale == .core ? 100 : 100 / Double(max(1, snapshot.cpuCount))
  }

  /// How much work an answer is, see ``AnswerMaker/work(for:_:)``.
  func work(for snapshot: Snapshot) -> Int {
    let rows = snapshot.processes.count
    return rows + min(limit ?? rows, rows) * columns.count
  }

  /// Whether an answer depends on the names of users.
  var needsUsers: Bool { columns.contains(.user) || sort == .column(.user) }

  /// Which processes the query keeps, in its order: their places in the snapshot.
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

  /// The rows come in order of pid and all sorts here are stable, so rows that are equal stay in that order.
  private func sorted(_ places: [Int], _ rows: [ProcessRow], _ users: KnownUsers) -> [Int] {
    func by<Key: Comparable>(_ key: (ProcessRow) -> Key?) -> [Int] {
      Self.sorted(places, rows, descending: descending ?? sort.readsDescending, key)
    }
    switch sort {
    case .cpu: return by { $0.average?.total }
    case .column(let column):
      switch column {
      case .pid: return by { $0.identity.pid }
      case .name: return by { $0.name }
      case .userAverage: return by { $0.average?.user }
      case .systemAverage: return by { $0.average?.system }
      case .status: return by { $0.state.rawValue }
      case .parentPID: return by { $0.parentPID }
      case .uid: return by { $0.uid }
      case .user: return by { users.text(of: $0.uid) }
      case .threads: return by { $0.threads }
      case .residentBytes: return by { $0.residentBytes }
      case .startTime: return by { $0.startTime }
      case .windowSeconds: return by { $0.window }
      case .userNow: return by { $0.recent?.user }
      case .systemNow: return by { $0.recent?.system }
      case .childrenUserAverage: return by { $0.childrenAverage?.user }
      case .childrenSystemAverage: return by { $0.childrenAverage?.system }
      case .childrenUserNow: return by { $0.childrenRecent?.user }
      case .childrenSystemNow: return by { $0.childrenRecent?.system }
      case .kernel: return by { $0.isKernelThread ? 1 : 0 }
      }
    }
  }

  /// Sorts by a key; rows without one come last in either order.
  ///
  /// Most processes use no CPU and are equal; the sort finds such runs and passes over them at one comparison each.
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
  /// Whether the greatest comes first unless a request says otherwise.
  var readsDescending: Bool {
    switch self {
    case .cpu: true
    case .column(let column):
      switch column {
      case .userAverage, .systemAverage, .threads, .residentBytes, .userNow, .systemNow,
        .childrenUserAverage, .childrenSystemAverage, .childrenUserNow, .childrenSystemNow:
        true
      case .pid, .name, .status, .parentPID, .uid, .user, .startTime, .windowSeconds, .kernel:
        false
      }
    }
  }
}
