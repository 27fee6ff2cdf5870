import Linux
import ProcFS

/// The process table of a past moment, reconstructed from the blocks around it.
///
/// It decides by the points of all blocks which to use, and then loads the processes of one block at a time.
struct PastTable {
  /// Finds the facts about a process.
  typealias LookUp = (ProcessReference) throws -> RecordedProcess?
  /// Loads a block with its processes; `nil` when it cannot be read.
  typealias Load = (Int64) throws -> HistoryBlock?

  private let blocks: [HistoryBlock]
  /// The block and point that are valid at the moment.
  private let block: Int
  private let point: Int
  /// The points that the averages cover, for each block.
  private var covered: [Range<Int>]
  /// The microseconds that the covered points measured.
  private var window: Int64 = 0

  /// - Parameters:
  ///   - time: Milliseconds since the epoch.
  ///   - blocks: The blocks up to that time, as far back as averages reach, in the order of recording; only their
  ///     points are needed.
  ///   - window: The time that averages should cover, in microseconds.
  /// - Returns: `nil` when nothing was recorded at that moment.
  init?(at time: Int64, in blocks: [HistoryBlock], window: Int64) {
    guard let (block, point) = Self.newest(until: time, in: blocks) else { return nil }
    (self.blocks, self.block, self.point) = (blocks, block, point)
    covered = blocks.map { _ in 0..<0 }
    cover(window)
  }

  /// The newest point at or before a moment that is still valid then.
  private static func newest(until time: Int64, in blocks: [HistoryBlock]) -> (Int, Int)? {
    var found: (block: Int, point: Int, time: Int64)?
    for (index, block) in blocks.enumerated() {
      guard let point = block.points.lastIndex(where: { $0.time <= time }) else { continue }
      // Of two points with the same time, use the one recorded later.
      if found.map({ $0.time <= block.points[point].time }) ?? true {
        found = (index, point, block.points[point].time)
      }
    }
    guard let found else { return nil }
    let one = blocks[found.block]
    let length = max(one.resolution.milliseconds, one.points[found.point].elapsed / 1000, 1000)
    let isCoarse = one.resolution != .sample
    return time - found.time < (isCoarse ? length : 3 * length) ? (found.block, found.point) : nil
  }

  /// Goes back to the point nearest to the window, but not beyond the beginning of a run.
  private mutating func cover(_ wanted: Int64) {
    var at = (block: block, point: point)
    while true {
      let length = blocks[at.block].points[at.point].elapsed
      // Of two windows that are equally near, use the longer one, as the live table does; see ``SweepTimes``.
      let isNearer = abs(window + length - wanted) <= abs(window - wanted)
      guard length > 0, isNearer || window == 0 else { return }
      window += length
      let upper = max(covered[at.block].upperBound, at.point + 1)
      covered[at.block] = at.point..<upper
      if at.point > 0 {
        at.point -= 1
      } else {
        guard at.block > 0, !blocks[at.block - 1].points.isEmpty else { return }
        at = (at.block - 1, blocks[at.block - 1].points.count - 1)
      }
    }
  }

  /// Milliseconds that the point covers; 0 for a single sample.
  var resolution: Int64 { blocks[block].resolution.milliseconds }

  /// The time that the averages cover; `nil` when nothing was measured yet.
  var span: PointSpan? {
    guard let first = covered.firstIndex(where: { !$0.isEmpty }) else { return nil }
    let begin = PointSpan.spans(of: blocks[first])[covered[first].lowerBound].begin
    let end = PointSpan(blocks[block].points[point], blocks[block].resolution).end
    return PointSpan(begin: begin, end: end)
  }

  /// The table in the form of a live snapshot.
  ///
  /// Values that are not recorded (threads, memory) are `nil`.
  ///
  /// - Parameter check: Receives the number of processes before the table takes memory for them, and throws if there are
  ///   too many.
  /// - Returns: `nil` when the block of the moment cannot be read.
  func snapshot(
    _ load: Load, _ lookUp: LookUp, check: (Int) throws -> Void = { _ in }
  ) throws -> Snapshot? {
    guard let newest = try load(blocks[block].id) else { return nil }
    let now = blocks[block].points[point]
    let states = presence(newest.processes)
    try check(states.count)
    let present = try states.compactMap { process, state in
      try lookUp(process).map { ($0, state) }
    }
    let used = try usage(load, lookUp) { try check(states.count + $0) }
      .settled(among: present.map(\.0))
    let rows = present.map { row($0, $1, used[$0.identity] ?? RecordedProcessUse.Use(), now) }
    let cpuCount = newest.columns[PointWeights.cpuCount]?.average[point]
    return Snapshot(
      sequence: 0, time: Instant(monotonic: 0, sinceBoot: 0, wall: now.time * 1_000_000),
      cpuCount: cpuCount.map { Int($0) } ?? 1,
      interval: now.elapsed > 0 ? Double(now.elapsed) / 1e6 : nil,
      window: window > 0 ? Double(window) / 1e6 : nil,
      processes: rows.sorted { $0.identity < $1.identity }, skipped: SkippedProcesses())
  }

  // MARK: - Presence

  private func presence(_ processes: ProcessColumns) -> [ProcessReference: ProcessState] {
    var states: [ProcessReference: ProcessState] = [:]
    var since: [ProcessReference: Int] = [:]
    for one in processes.present { states[one.process] = one.state }
    for (at, change) in processes.changes where at <= point {
      switch change {
      case .born(let birth):
        states[birth.process] = birth.state
        since[birth.process] = birth.point
      case .ended(let end): states[end.process] = nil
      }
    }
    for (process, entries) in processes.activity where states[process] != nil {
      // Ignore its activity from before it last changed its name: the state may be outdated.
      if let last = entries.last(where: { $0.point <= point }),
        last.point >= since[process] ?? 0
      {
        states[process] = last.state
      }
    }
    return states
  }

  // MARK: - Use

  /// Adds up the use by identity, since a process that changed its name continues under another reference.
  ///
  /// - Parameter check: Receives the number of processes whose use it keeps.
  private func usage(
    _ load: Load, _ lookUp: LookUp, check: (Int) throws -> Void
  ) throws -> RecordedProcessUse {
    var result = RecordedProcessUse()
    var elapsed: Int64 = 0
    for (index, range) in covered.enumerated() where !range.isEmpty {
      let lengths = blocks[index].points.map(\.elapsed)
      defer { elapsed += lengths[range].reduce(0, +) }
      guard let columns = try load(blocks[index].id)?.processes else { continue }
      try check(result.count)
      for birth in columns.born where range.contains(birth.point) && !birth.isRename {
        guard let process = try lookUp(birth.process) else { continue }
        // The covered time before it, in earlier blocks and in this one.
        let before = elapsed + lengths[range.lowerBound..<birth.point].reduce(0, +)
        let unseen = birth.isOld ? lengths[birth.point] : 0
        result.change(process) { $0.window = window - before - unseen }
      }
      for end in columns.ended where range.contains(end.point) && !end.isRename {
        if let process = try lookUp(end.process) { result.know(process) }
      }
      for (reference, entries) in columns.activity {
        let entries = entries.filter { range.contains($0.point) }
        guard !entries.isEmpty, let process = try lookUp(reference) else { continue }
        result.change(process) { use in
          for entry in entries {
            use.own += .init(entry.user, entry.system)
            use.children += .init(entry.childrenUser, entry.childrenSystem)
            guard index == block && entry.point == point else { continue }
            use.ownRecent += .init(entry.user, entry.system)
            use.childrenRecent += .init(entry.childrenUser, entry.childrenSystem)
          }
        }
      }
    }
    try check(result.count)
    return result
  }

  private func row(
    _ process: RecordedProcess, _ state: ProcessState, _ use: RecordedProcessUse.Use,
    _ now: HistoryPoint
  ) -> ProcessRow {
    let length = use.window ?? window
    let recent = length >= now.elapsed ? now.elapsed : 0
    return ProcessRow(
      identity: process.identity, name: process.name, state: state, parentPID: process.parentPID,
      uid: process.uid, isKernelThread: process.isKernelThread, threads: nil, residentBytes: nil,
      startTime: Double(process.startTime) / 1000,
      average: use.own.share(over: length), window: length > 0 ? Double(length) / 1e6 : nil,
      recent: use.ownRecent.share(over: recent), childrenAverage: use.children.share(over: length),
      childrenRecent: use.childrenRecent.share(over: recent))
  }
}
