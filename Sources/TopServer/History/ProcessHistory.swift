import ProcFS

/// What each process used in a stretch of time, point by point.
struct ProcessHistory: Sendable, Equatable {
  /// Milliseconds since the epoch; the stretch begins after `from` and includes `to`.
  var from: Int64
  var to: Int64
  /// Of the points, in milliseconds since the epoch, ascending.
  var times: [Int64] = []
  /// Those that used most come first; who used nothing is left out.
  var trails: [Trail] = []

  struct Trail: Sendable, Equatable {
    var process: RecordedProcess
    /// The share of one CPU at each point, with ended children; `nil` where the process was not there, or nothing was
    /// measured.
    var shares: [Double?]
    /// CPU seconds of all points.
    var total = 0.0
  }

  /// - Parameters:
  ///   - blocks: Those that tell of the stretch, in the order of recording.
  ///   - lookUp: Finds what is known of a process.
  init(
    from: Int64, to: Int64, _ blocks: [HistoryBlock],
    lookUp: (ProcessReference) throws -> RecordedProcess?
  ) rethrows {
    (self.from, self.to) = (from, to)
    let points = Self.points(blocks) { $0 > from && $0 <= to }
    times = points.map(\.time)
    // Where each point of a block stands among all.
    var places = blocks.map { [Int?](repeating: nil, count: $0.points.count) }
    for (place, point) in points.enumerated() { places[point.block][point.index] = place }

    var found: [Key: Trail] = [:]
    for (block, places) in zip(blocks, places) {
      for (reference, entries) in block.processes.activity {
        let entries = entries.filter { places[$0.point] != nil }
        guard !entries.isEmpty, let process = try lookUp(reference) else { continue }
        let key = Key(boot: process.bootID, identity: process.identity)
        var trail = found[key] ?? Trail(process: process, shares: Self.rest(of: process, points))
        // A process that took another name goes on under another reference; the newest name is shown.
        if process.reference > trail.process.reference { trail.process = process }
        for entry in entries {
          guard let place = places[entry.point] else { continue }
          trail.add(entry, at: place, over: points[place].elapsed)
        }
        found[key] = trail
      }
    }
    for (block, places) in zip(blocks, places) {
      for end in block.processes.ended where !end.isRename {
        guard let place = places[end.point], let process = try lookUp(end.process) else { continue }
        let key = Key(boot: process.bootID, identity: process.identity)
        for after in place..<times.count { found[key]?.shares[after] = nil }
      }
    }
    trails = found.values.filter { $0.total > 0 }.sorted { left, right in
      left.total != right.total
        ? left.total > right.total : left.process.identity < right.process.identity
    }
  }

  private struct Key: Hashable {
    var boot: String
    var identity: ProcessIdentity
  }

  private struct Point {
    var time: Int64
    /// Microseconds; 0 when there was no sample before it.
    var elapsed: Int64
    var block: Int
    var index: Int
  }

  /// In the order of time: after a clock was set back two stretches tell of one time.
  private static func points(_ blocks: [HistoryBlock], _ isWanted: (Int64) -> Bool) -> [Point] {
    blocks.enumerated().flatMap { block, one in
      one.points.enumerated().compactMap { index, point in
        isWanted(point.time)
          ? Point(time: point.time, elapsed: point.elapsed, block: block, index: index) : nil
      }
    }.sorted { $0.time < $1.time }
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
    let hundredths = entry.user + entry.system + entry.childrenUser + entry.childrenSystem
    shares[place] = (shares[place] ?? 0) + Double(hundredths) * 10_000 / Double(microseconds)
    total += Double(hundredths) / 100
  }
}
