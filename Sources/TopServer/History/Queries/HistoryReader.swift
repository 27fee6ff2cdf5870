import Linux
import SQLite

/// Answers queries about the past from memory and from the file, on a thread of its own.
///
/// A cancelled task stops before the next block. The reader looks at memory first, so that a block that moves to the
/// file meanwhile is found twice rather than missed. It reads the file in one transaction.
actor HistoryReader: OwnThreadActor {
  nonisolated let executor: SerialQueueExecutor
  private let recorder: Recorder
  private let hostName: String
  private var archive: HistoryArchive?
  private var generation = 0

  /// - Parameters:
  ///   - hostName: The name of this machine, for queries that name it.
  ///   - label: Names the thread in debuggers.
  init(_ recorder: Recorder, hostName: String = "", label: String = "history-reader") {
    executor = SerialQueueExecutor(label: label)
    self.recorder = recorder
    self.hostName = hostName
  }

  /// Answers a query for series over time.
  func columns(_ query: HistoryQuery) throws -> HistoryColumns { try columns(query) { $0 } }

  /// Answers a query for series over time; `make` runs on the reader, so at most one such answer of a reader is in
  /// memory.
  ///
  /// - Throws: a ``HistoryError`` when a series or host does not exist or the answer would cost too much; `SQLiteError`
  ///   when the file cannot be read.
  func columns<Answer: Sendable>(
    _ query: HistoryQuery, _ make: @Sendable (HistoryColumns) throws -> Answer
  ) throws -> Answer {
    try Task.checkCancellation()
    var size = 0
    defer { giveBack(values: size) }
    let isOther = query.host.map { $0 != hostName } ?? false
    let columns = try isOther ? fleetColumns(query) : ownColumns(query)
    size = columns.valueCount
    return try make(columns)
  }

  private func ownColumns(_ query: HistoryQuery) throws -> HistoryColumns {
    let recent = recorder.recent.value.blocks
    return try reading { archive in
      let source = try RecordedBlocks(from: query.from, to: query.to, archive, recent: recent)
      var known = Set(source.stored.values)
      for block in recent { known.formUnion(block.columns.keys) }
      // A query that names a host may ask for any series that every host has, even before it is first recorded.
      if query.host != nil {
        let names = Set(known.map(\.name))
        known.formUnion(FleetSeries.all.values.filter { !names.contains($0.name) })
      }
      return try HistoryColumns(query, source, known: Array(known))
    }
  }

  private func fleetColumns(_ query: HistoryQuery) throws -> HistoryColumns {
    let host = query.host ?? ""
    let recent = recorder.fleet.blocks(of: host)
    return try reading { archive in
      guard try recent != nil || archive?.knows(host: host) ?? false else {
        throw HistoryError.unknownHost
      }
      let source = FleetBlocks(of: host, query, archive, recent: recent ?? [])
      return try HistoryColumns(query, source, known: Array(FleetSeries.all.values))
    }
  }

  /// A process table of the past.
  struct Table: Sendable {
    var snapshot: Snapshot
    /// Seconds that the newest values cover; `nil` when nothing was measured yet.
    var resolution: Double?
    /// The time that the averages cover; `nil` when nothing was measured yet.
    var span: PointSpan?
  }

  /// Answers a query for the process table at a moment.
  ///
  /// - Parameters:
  ///   - time: Milliseconds since the epoch.
  ///   - window: The time that averages should cover.
  ///   - limit: The maximum number of rows in the answer.
  ///   - columns: The number of fields of each row.
  ///   - valuesOfProcess: What the answer needs for each process besides its row, in values.
  /// - Returns: `nil` when there was no sample at that moment.
  /// - Throws: a ``HistoryError`` when the table would take too much memory.
  func table<Answer: Sendable>(
    at time: Int64, window: Duration, limit: Int, columns: Int, valuesOfProcess: Int = 0,
    _ make: @Sendable (Table) throws -> Answer
  ) throws -> Answer? {
    let microseconds = Int64(window / .microseconds(1))
    // One coarse point more than the window, since the moment may lie within one.
    let from = time - microseconds / 1000 - 120_000
    return try processes(from: from, to: time) { source, size, lookUp -> Table? in
      var blocks: [HistoryBlock] = []
      try source.eachWholeBlock([], processes: false) { block in
        var points = HistoryBlock(id: block.id, resolution: block.resolution)
        points.points = block.points
        blocks.append(points)
      }
      guard let table = PastTable(at: time, in: blocks, window: microseconds),
        let snapshot = try table.snapshot(
          { try source.wholeBlock($0, [PointWeights.cpuCount]) }, lookUp,
          check: {
            try HistoryBudget.check(
              tableOf: $0, limit: limit, columns: columns, valuesOfProcess: valuesOfProcess)
          })
      else { return nil }
      size += snapshot.processes.count * Self.valuesOfRow
      return Table(
        snapshot: snapshot,
        resolution: table.resolution > 0 ? Double(table.resolution) / 1000 : snapshot.interval,
        span: table.span)
    } make: { (table: Table?) in
      try table.map(make)
    }
  }

  private static let valuesOfRow = 10

  /// Explains the CPU use in a time range, in milliseconds since the epoch.
  ///
  /// - Parameter limit: The maximum number of processes in the answer.
  /// - Throws: the same errors as ``columns(_:_:)``.
  func explanation<Answer: Sendable>(
    from: Int64, to: Int64, limit: Int, _ make: @Sendable (Explanation) throws -> Answer
  ) throws -> Answer {
    try processes(from: Explanation.start(from: from, to: to), to: to) { source, size, lookUp in
      var sum = Explanation.Sum(from: from, to: to)
      try source.eachWholeBlock(Explanation.series) { try sum.add($0) }
      let explanation = try sum.explanation(limit: limit, lookUp)
      size += explanation.processCount
      return explanation
    } make: {
      try make($0)
    }
  }

  /// Answers a query for the use of each process over time, in milliseconds since the epoch.
  ///
  /// - Parameter limit: The maximum number of processes in the answer.
  /// - Throws: the same errors as ``columns(_:_:)``.
  func processHistory<Answer: Sendable>(
    from: Int64, to: Int64, limit: Int, _ make: @Sendable (ProcessHistory) throws -> Answer
  ) throws -> Answer {
    try processes(from: from, to: to) { source, size, lookUp in
      let history = try ProcessHistory(from: from, to: to, limit: limit, lookUp: lookUp) {
        try source.eachWholeBlock([], $0)
      }
      size += history.processCount + history.trails.count * history.times.count
      return history
    } make: {
      try make($0)
    }
  }

  /// Runs a query about the processes of a time range, in milliseconds since the epoch.
  ///
  /// - Parameters:
  ///   - find: Receives the blocks, a counter to add the size of its work to, and a function that looks a process up in
  ///     memory and then in the file.
  ///   - make: Makes the answer from the result of `find`, after the file is released.
  private func processes<Found, Answer>(
    from: Int64, to: Int64,
    find: (RecordedBlocks, inout Int, (ProcessReference) throws -> RecordedProcess?) throws ->
      Found,
    make: (Found) throws -> Answer
  ) throws -> Answer {
    try Task.checkCancellation()
    let recent = recorder.recent.value
    let appeared = Dictionary(recent.appeared.map { ($0.reference, $0) }) { first, _ in first }
    var size = 0
    defer { giveBack(values: size) }
    let found = try reading { archive in
      // Nearly all processes of a long range exited in it; the others are at most as many as live at once.
      let most = HistoryBudget.mostProcesses + 1
      let count = try archive?.countEnded(from: from, to: to, atMost: most) ?? 0
      try HistoryBudget.check(processes: count)
      let source = try RecordedBlocks(from: from, to: to, archive, recent: recent.blocks)
      return try find(source, &size) { try appeared[$0] ?? archive?.process($0) }
    }
    return try make(found)
  }

  /// The first and last recorded moment, in milliseconds since the epoch.
  func range() throws -> ClosedRange<Int64>? {
    try Task.checkCancellation()
    let recent = recorder.recent.value.blocks
    let stored = try reading { try $0?.range() }
    let first = [recent.first?.first, stored?.lowerBound].compactMap { $0 }.min()
    let last = [recent.last?.last, stored?.upperBound].compactMap { $0 }.max()
    guard let first, let last, first <= last else { return nil }
    return first...last
  }

  /// Extremes and means over everything recorded.
  func machineUse(serviceStart: Int64) throws -> RecordedMachineUse {
    try Task.checkCancellation()
    let recent = recorder.recent.value.blocks
    var parts = try reading { try $0?.machineUse(before: recent.first?.id ?? .max) } ?? [:]
    for block in recent {
      for (kind, part) in RecordedMachineUse.parts(of: block) {
        parts[kind] = parts[kind].map { $0 + part } ?? part
      }
    }
    return RecordedMachineUse(
      serviceStart: serviceStart, cpu: .init(parts[.cpu]), memory: .init(parts[.memory]),
      disk: .init(parts[.disk]))
  }

  // MARK: - Sources

  /// Returns freed memory to the system after a large answer, since malloc would keep it.
  private func giveBack(values: Int) {
    if values > Self.fewValues { Heap.giveBack() }
  }

  private static let fewValues = 20_000

  /// Reads the file, and reports damage to the recorder, which alone may replace the file.
  ///
  /// - Parameter body: Receives `nil` when there is no readable file.
  private func reading<T>(_ body: (HistoryArchive?) throws -> T) throws -> T {
    do {
      guard let archive = try openArchive() else { return try body(nil) }
      return try archive.database.snapshot { try body(archive) }
    } catch let error as SQLiteError where error.isCorrupt {
      archive = nil
      recorder.doubtFile()
      throw error
    }
  }

  private func openArchive() throws -> HistoryArchive? {
    let state = recorder.state.value
    if state.generation != generation { archive = nil }
    generation = state.generation
    if archive == nil, let path = state.path {
      do {
        archive = try HistoryArchive(path: path)
      } catch {
        // Before the first write, the file may be missing or may belong to another program.
        guard generation == 0 else { throw error }
        return nil
      }
    }
    return archive
  }
}
