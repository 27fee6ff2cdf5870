import Linux
import SQLite

/// Answers questions about the past, from memory and from the file, on a thread of its own.
actor HistoryReader: OwnThreadActor {
  nonisolated let executor = SerialQueueExecutor(label: "history-reader")
  private let recorder: Recorder
  private let hostName: String
  private var archive: HistoryArchive?
  private var generation = 0

  /// - Parameter hostName: What this host is called, for those who ask by name.
  init(_ recorder: Recorder, hostName: String = "") {
    self.recorder = recorder
    self.hostName = hostName
  }

  /// What both sources tell of a stretch of time.
  struct Findings {
    var blocks: [HistoryBlock] = []
    var known: [Series] = []
    fileprivate var met: [ProcessReference: RecordedProcess] = [:]
  }

  /// Series over time.
  ///
  /// - Throws: a ``Problem`` when there is no such series or host, `SQLiteError` when the file cannot be read.
  func columns(_ query: HistoryQuery) throws -> HistoryColumns {
    if let host = query.host, host != hostName { return try columns(query, of: host) }
    let found = try find(from: query.from, to: query.to, processes: false) { series in
      query.series.contains { $0.matches(series.name) }
    }
    // Whoever asks by name may ask for what every host has, also in the moment before it is first recorded.
    var known = found.known
    if query.host != nil {
      let names = Set(known.map(\.name))
      known += FleetSeries.all.values.filter { !names.contains($0.name) }
    }
    return try HistoryColumns(query, found.blocks, known: known)
  }

  /// A process table of the past.
  struct Table: Sendable {
    var snapshot: Snapshot
    /// Seconds that the newest values cover; `nil` when nothing was measured yet.
    var resolution: Double?
  }

  /// The process table of a moment.
  ///
  /// - Parameters:
  ///   - time: Milliseconds since the epoch.
  ///   - window: What averages should cover.
  /// - Returns: `nil` when there was no sample then.
  func table(at time: Int64, window: Duration) throws -> Table? {
    let microseconds = Int64(window / .microseconds(1))
    // One coarse point more than the window, since the moment may lie in the middle of one.
    let found = try find(from: time - microseconds / 1000 - 120_000, to: time, processes: true) {
      $0.name == "cpu_count"
    }
    guard let table = PastTable(at: time, in: found.blocks, window: microseconds) else {
      return nil
    }
    var known = found.met
    let snapshot = try table.snapshot { try process($0, &known) }
    return Table(
      snapshot: snapshot,
      resolution: table.resolution > 0 ? Double(table.resolution) / 1000 : snapshot.interval)
  }

  /// Who used the CPU in a stretch of time, in milliseconds since the epoch.
  func explanation(from: Int64, to: Int64) throws -> Explanation {
    let wanted = [Explanation.busy, Explanation.cpuCount, Explanation.coverage]
    let found = try find(
      from: Explanation.start(from: from, to: to), to: to, processes: true, wanted.contains)
    var known = found.met
    return try Explanation(from: from, to: to, found.blocks) { try process($0, &known) }
  }

  /// What each process used in a stretch of time, in milliseconds since the epoch.
  func processHistory(from: Int64, to: Int64) throws -> ProcessHistory {
    let found = try find(from: from, to: to, processes: true) { _ in false }
    var known = found.met
    return try ProcessHistory(from: from, to: to, found.blocks) { try process($0, &known) }
  }

  /// What is known of a process, from memory or else from the file; it is looked for once.
  private func process(
    _ reference: ProcessReference, _ known: inout [ProcessReference: RecordedProcess]
  ) throws -> RecordedProcess? {
    if let process = known[reference] { return process }
    let process = try reading { try $0.process(reference) }
    known[reference] = process
    return process
  }

  /// The first and the last moment that can be asked for, in milliseconds since the epoch.
  func range() throws -> ClosedRange<Int64>? {
    let recent = recorder.recent.value.blocks
    let stored = try reading { try $0.range() }
    let first = [recent.first?.first, stored?.lowerBound].compactMap { $0 }.min()
    let last = [recent.last?.last, stored?.upperBound].compactMap { $0 }.max()
    guard let first, let last, first <= last else { return nil }
    return first...last
  }

  /// Extremes and means over all that was recorded.
  func pastUse(serviceStart: Int64) throws -> PastUse {
    let recent = recorder.recent.value.blocks
    var parts = try reading { try $0.pastUse(before: recent.first?.id ?? .max) } ?? [:]
    for block in recent {
      for (kind, part) in PastUse.parts(of: block) {
        parts[kind] = parts[kind].map { $0 + part } ?? part
      }
    }
    return PastUse(
      serviceStart: serviceStart, cpu: .init(parts[.cpu]), memory: .init(parts[.memory]),
      disk: .init(parts[.disk]))
  }

  /// Series of another host; memory is looked at first here, too.
  private func columns(_ query: HistoryQuery, of host: String) throws -> HistoryColumns {
    let recent = recorder.fleet.blocks(of: host)
    let stored = try reading {
      try $0.fleetBlocks(
        of: host, from: query.from, to: query.to, series: FleetSeries.wanted(by: query))
    }
    guard recent != nil || stored != nil else {
      throw Problem(status: 404, detail: "nothing was recorded of a host of this name")
    }
    let blocks = HistoryBlock.unitedByMinute((stored ?? []) + (recent ?? []))
      .filter { $0.last >= query.from && $0.first <= query.to }
    return try HistoryColumns(query, blocks, known: Array(FleetSeries.all.values))
  }

  // MARK: - Sources

  /// Memory is looked at first: what moves to the file meanwhile is then found twice, and never missed.
  private func find(
    from: Int64, to: Int64, processes: Bool, _ wants: (Series) -> Bool
  ) throws -> Findings {
    let recent = recorder.recent.value
    var found = Findings()
    var known: Set<Series> = []
    try reading { archive in
      let series = try archive.series()
      known.formUnion(series.values)
      let held = Set(recent.blocks.map(\.id))
      found.blocks = try archive.blocks(
        from: from, to: to, series: series.filter { wants($0.value) }, processes: processes
      ).filter { !held.contains($0.id) }
    }
    found.blocks += recent.blocks.filter { $0.last >= from && $0.first <= to }
    for block in recent.blocks { known.formUnion(block.columns.keys) }
    found.known = Array(known)
    found.met = Dictionary(recent.met.map { ($0.reference, $0) }) { first, _ in first }
    return found
  }

  /// What the file tells; damage is told to the recorder, who alone may do something about it.
  ///
  /// - Returns: `nil` when there is no file that could be read now.
  @discardableResult
  private func reading<T>(_ body: (HistoryArchive) throws -> T?) throws -> T? {
    do {
      return try openArchive().flatMap(body)
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
        // Before anything was written there may be no file, or one that is not ours.
        guard generation == 0 else { throw error }
        return nil
      }
    }
    return archive
  }
}
