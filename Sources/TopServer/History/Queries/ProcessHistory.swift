import ProcFS

/// The CPU use of each process over a time range, point by point.
struct ProcessHistory: Sendable, Equatable {
  /// Milliseconds since the epoch; the range excludes `from` and includes `to`.
  ///
  /// It lists the samples whose moment is inside, and the merged points of which a part is inside. The use of a process in
  /// a point that an end cuts counts by the part inside.
  var from: Int64
  var to: Int64
  /// The times of the points, in milliseconds since the epoch, ascending.
  var times: [Int64] = []
  /// The number of processes that used CPU time.
  var processCount = 0
  /// The processes with the most CPU time, in descending order, as many as requested; idle processes are left out.
  var trails: [Trail] = []

  struct Trail: Sendable, Equatable {
    var process: RecordedProcess
    /// The share of one CPU at each point, including ended children; `nil` where the process did not exist or nothing
    /// was measured.
    var shares: [Double?]
    /// CPU seconds in the range.
    var total = 0.0
  }

  /// The size of a process in an answer apart from its points, in values of the budget.
  private static let valuesOfProcess = 12

  /// Computes the history from blocks in memory.
  ///
  /// - Parameters:
  ///   - blocks: The blocks of the range, in the order of recording.
  ///   - lookUp: Finds the facts about a process.
  init(
    from: Int64, to: Int64, limit: Int = .max, _ blocks: [HistoryBlock],
    lookUp: (ProcessReference) throws -> RecordedProcess?
  ) throws {
    try self.init(from: from, to: to, limit: limit, lookUp: lookUp) { show in
      for block in blocks { try show(block) }
    }
  }

  /// Reads the blocks twice: first for the total of each process, then for the points of the processes with the most.
  ///
  /// - Parameters:
  ///   - limit: The maximum number of processes in the answer.
  ///   - lookUp: Finds the facts about a process.
  ///   - eachBlock: Iterates over the blocks of the range, in the order of recording; must give the same blocks each
  ///     time.
  /// - Throws: a ``HistoryError`` when the answer would have too many values, or the range has too many processes.
  init(
    from: Int64, to: Int64, limit: Int, lookUp: (ProcessReference) throws -> RecordedProcess?,
    eachBlock: ((HistoryBlock) throws -> Void) throws -> Void
  ) throws {
    (self.from, self.to) = (from, to)
    var points: [Point] = []
    var tally = ProcessTally(0.0)
    var block = 0
    try eachBlock { one in
      let inside = Self.shares(of: one, from, to)
      for (index, point) in one.points.enumerated() where inside[index] > 0 {
        points.append(
          Point(time: point.time, elapsed: point.elapsed, block: block, index: index))
      }
      block += 1
      try Self.count(one, inside, &tally)
    }
    // After the clock was set back, two blocks may overlap.
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
          process: process, shares: Self.rest(of: process, points), total: entry.use / 100))
    }

    /// The index of a process's trail, under any of its references.
    func place(of process: ProcessReference) -> Int? {
      var newest = process
      while let next = later[newest] { newest = next }
      return places[newest]
    }
    // The index of each block's points among all points.
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

  /// The part of each point of a block that is inside the range; 0 for a point that is not listed.
  private static func shares(of block: HistoryBlock, _ from: Int64, _ to: Int64) -> [Double] {
    zip(block.points, PointSpan.spans(of: block)).map { point, span in
      block.resolution == .sample && (point.time <= from || point.time > to)
        ? 0 : span.share(after: from, through: to)
    }
  }

  /// Adds the CPU time of each process in hundredths of a second.
  ///
  /// Processes that exited are added too, since their use may be under another reference.
  private static func count(
    _ block: HistoryBlock, _ inside: [Double], _ tally: inout ProcessTally<Double>
  ) throws {
    for (process, entries) in block.processes.activity {
      for entry in entries
      where inside[entry.point] > 0 && block.points[entry.point].elapsed > 0 {
        try tally.change(process) { $0 += Double(entry.hundredths) * inside[entry.point] }
      }
    }
    for end in block.processes.ended where !end.isRename && inside[end.point] > 0 {
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

  /// The shares of a process that existed since its start time and used no CPU.
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
  /// The CPU time of all kinds, including ended children.
  fileprivate var hundredths: Int64 { user + system + childrenUser + childrenSystem }
}
