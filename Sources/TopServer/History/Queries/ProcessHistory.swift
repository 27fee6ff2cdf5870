import ProcFS

/// What each process used in a stretch of time, point by point.
struct ProcessHistory: Sendable, Equatable {
  /// Milliseconds since the epoch; the stretch begins after `from` and includes `to`.
  var from: Int64
  var to: Int64
  /// Of the points, in milliseconds since the epoch, ascending.
  var times: [Int64] = []
  /// Processes that used anything.
  var processCount = 0
  /// Those that used most come first, as many as were asked for; a process that used nothing is left out.
  var trails: [Trail] = []

  struct Trail: Sendable, Equatable {
    var process: RecordedProcess
    /// The share of one CPU at each point, with ended children; `nil` where the process was not there, or nothing was
    /// measured.
    var shares: [Double?]
    /// CPU seconds of all points.
    var total = 0.0
  }

  /// Values that an answer has of each process beside those of the points, for the budget.
  private static let valuesOfProcess = 12

  /// The same of blocks that are in memory.
  ///
  /// - Parameters:
  ///   - blocks: Those that tell of the stretch, in the order of recording.
  ///   - lookUp: Finds what is known of a process.
  init(
    from: Int64, to: Int64, limit: Int = .max, _ blocks: [HistoryBlock],
    lookUp: (ProcessReference) throws -> RecordedProcess?
  ) throws {
    try self.init(from: from, to: to, limit: limit, lookUp: lookUp) { show in
      for block in blocks { try show(block) }
    }
  }

  /// Goes through the blocks twice: first for what each process used in all, then for those that used most.
  ///
  /// - Parameters:
  ///   - limit: Processes that are wanted at most.
  ///   - lookUp: Finds what is known of a process.
  ///   - eachBlock: Shows the blocks that tell of the stretch, in the order of recording, each time the same.
  /// - Throws: a ``HistoryError`` when the answer would have too many values, or too many processes to look at.
  init(
    from: Int64, to: Int64, limit: Int, lookUp: (ProcessReference) throws -> RecordedProcess?,
    eachBlock: ((HistoryBlock) throws -> Void) throws -> Void
  ) throws {
    (self.from, self.to) = (from, to)
    var points: [Point] = []
    var tally = ProcessTally(Int64(0))
    var block = 0
    try eachBlock { one in
      for (index, point) in one.points.enumerated() where point.time > from && point.time <= to {
        points.append(
          Point(time: point.time, elapsed: point.elapsed, block: block, index: index))
      }
      block += 1
      try Self.count(one, from, to, &tally)
    }
    // After a clock was set back two stretches tell of one time.
    points.sort { $0.time < $1.time }
    times = points.map(\.time)

    var later: [ProcessReference: ProcessReference] = [:]
    var found = try tally.joined(lookUp, later: &later) { $0 += $1 }
    found.removeAll { $0.use == 0 }
    found.sort { left, right in
      left.use != right.use ? left.use > right.use : left.identity < right.identity
    }
    processCount = found.count
    try HistoryBudget.check(
      limit: limit, found: found.count, values: points.count + Self.valuesOfProcess)
    var places: [ProcessReference: Int] = [:]
    for entry in found.prefix(limit) {
      guard let process = try lookUp(entry.reference) else { continue }
      places[entry.reference] = trails.count
      trails.append(
        Trail(
          process: process, shares: Self.rest(of: process, points), total: Double(entry.use) / 100))
    }

    /// Which trail a process has under any of its names.
    func place(of process: ProcessReference) -> Int? {
      var newest = process
      while let next = later[newest] { newest = next }
      return places[newest]
    }
    // Where each point of a block stands among all.
    var ranks: [Int: [Int: Int]] = [:]
    for (rank, point) in points.enumerated() {
      ranks[point.block, default: [:]][point.index] = rank
    }
    var ends: [(trail: Int, rank: Int)] = []
    block = 0
    try eachBlock { one in
      let ranks = ranks[block] ?? [:]
      block += 1
      for (process, entries) in one.processes.activity {
        guard let trail = place(of: process) else { continue }
        for entry in entries {
          guard let rank = ranks[entry.point] else { continue }
          trails[trail].add(entry, at: rank, over: points[rank].elapsed)
        }
      }
      for end in one.processes.ended where !end.isRename {
        guard let rank = ranks[end.point], let trail = place(of: end.process) else { continue }
        ends.append((trail, rank))
      }
    }
    for end in ends {
      for after in end.rank..<times.count { trails[end.trail].shares[after] = nil }
    }
  }

  /// Hundredths of a second that each process used, and those that ended, which may have used theirs under another name.
  private static func count(
    _ block: HistoryBlock, _ from: Int64, _ to: Int64, _ tally: inout ProcessTally<Int64>
  ) throws {
    func isInside(_ point: Int) -> Bool {
      block.points[point].time > from && block.points[point].time <= to
    }
    for (process, entries) in block.processes.activity {
      for entry in entries where isInside(entry.point) && block.points[entry.point].elapsed > 0 {
        try tally.change(process) { $0 += entry.hundredths }
      }
    }
    for end in block.processes.ended where !end.isRename && isInside(end.point) {
      try tally.change(end.process) { _ in }
    }
  }

  private struct Point {
    var time: Int64
    /// Microseconds; 0 when there was no sample before it.
    var elapsed: Int64
    var block: Int
    var index: Int
  }

  /// What a process would show that was there since its start and did nothing.
  private static func rest(of process: RecordedProcess, _ points: [Point]) -> [Double?] {
    points.map { $0.elapsed > 0 && $0.time >= process.startTime ? 0 : nil }
  }
}

extension ProcessHistory.Trail {
  fileprivate mutating func add(
    _ entry: ProcessColumns.Activity, at place: Int, over microseconds: Int64
  ) {
    guard microseconds > 0 else { return }
    shares[place] =
      (shares[place] ?? 0) + Double(entry.hundredths) * 10_000 / Double(microseconds)
  }
}

extension ProcessColumns.Activity {
  /// All that was used, with ended children.
  fileprivate var hundredths: Int64 { user + system + childrenUser + childrenSystem }
}
