import ProcFS

/// The CPU use of each process in a time range, and in the range of equal length before it.
struct Explanation: Sendable, Equatable {
  /// Milliseconds since the epoch.
  var from: Int64
  var to: Int64
  /// CPU seconds in which CPUs were busy; `nil` when nothing was recorded.
  var busySeconds: Double?
  /// The share of ``busySeconds`` that processes and other known causes explain, from 0 to 1.
  var coverage: Double?
  /// The recorded seconds of the range and of the one before it.
  var measuredSeconds = 0.0
  var measuredSecondsBefore = 0.0
  /// The number of processes that used CPU time in either range.
  var processCount = 0
  /// The processes with the most CPU time, in descending order, as many as requested.
  var suspects: [Suspect] = []

  struct Suspect: Sendable, Equatable {
    var process: RecordedProcess
    /// CPU seconds in the range.
    var user = 0.0
    var system = 0.0
    /// CPU seconds of children that exited unseen and that it waited for.
    var children = 0.0
    /// CPU seconds of all three kinds in the range before.
    var before = 0.0
    /// Whether it started within the range.
    var isNew = false
    /// Whether it exited within the range.
    var hasEnded = false

    var total: Double { user + system + children }
  }

  /// The start of the range before, which the explanation needs as well.
  static func start(from: Int64, to: Int64) -> Int64 { from - (to - from) }

  /// The series that the blocks must include.
  static let series = LedgerSums.series + [PointWeights.measured]

  /// The size of a process in an answer, in values of the budget: its text is longer than that of a number.
  private static let valuesOfProcess = 24

  /// Explains blocks in memory.
  ///
  /// - Parameters:
  ///   - blocks: The blocks of both ranges, in the order of recording.
  ///   - lookUp: Finds the facts about a process.
  init(
    from: Int64, to: Int64, limit: Int = .max, _ blocks: [HistoryBlock],
    lookUp: (ProcessReference) throws -> RecordedProcess?
  ) throws {
    var sum = Sum(from: from, to: to)
    for block in blocks { try sum.add(block) }
    self = try sum.explanation(limit: limit, lookUp)
  }

  private init(from: Int64, to: Int64) { (self.from, self.to) = (from, to) }

  /// Adds blocks one at a time, and keeps a few numbers for each process.
  struct Sum {
    private var result: Explanation
    private var tally = ProcessTally(Use())
    /// For each series of the ledger: the sum of value times microseconds, and the microseconds.
    private var sums: [Series: (total: Double, weight: Double)] = [:]

    /// Hundredths of a second of CPU time; a point that an end of the range cuts counts by its part.
    private struct Use {
      var user = 0.0
      var system = 0.0
      var children = 0.0
      var before = 0.0
      var isNew = false
      var hasEnded = false

      var total: Double { user + system + children }

      mutating func join(_ later: Use) {
        user += later.user
        system += later.system
        children += later.children
        before += later.before
        isNew = isNew || later.isNew
        hasEnded = hasEnded || later.hasEnded
      }
    }

    init(from: Int64, to: Int64) { result = Explanation(from: from, to: to) }

    /// - Throws: a ``HistoryError`` when the range has more processes than one query may examine.
    mutating func add(_ block: HistoryBlock) throws {
      let spans = PointSpan.spans(of: block)
      let inside = spans.map(result.shareInside)
      let before = spans.map(result.shareBefore)
      weigh(block, inside, before)
      for birth in block.processes.born
      where inside[birth.point] > 0 && !birth.isOld && !birth.isRename {
        try tally.change(birth.process) { $0.isNew = true }
      }
      for end in block.processes.ended where inside[end.point] > 0 && !end.isRename {
        try tally.change(end.process) { $0.hasEnded = true }
      }
      for (process, entries) in block.processes.activity {
        for entry in entries {
          let (inside, before) = (inside[entry.point], before[entry.point])
          guard inside > 0 || before > 0 else { continue }
          let children = Double(entry.childrenUser + entry.childrenSystem)
          try tally.change(process) { use in
            use.user += Double(entry.user) * inside
            use.system += Double(entry.system) * inside
            use.children += children * inside
            use.before += (Double(entry.user + entry.system) + children) * before
          }
        }
      }
    }

    /// Adds the busy time and the part of it that is explained.
    ///
    /// - Parameters:
    ///   - inside: The part of each point that lies in the range, from 0 to 1.
    ///   - before: The part that lies in the range before it.
    private mutating func weigh(_ block: HistoryBlock, _ inside: [Double], _ before: [Double]) {
      let weights = PointWeights(block)[.ledger]
      let columns = LedgerSums.series.compactMap { series in
        block.columns[series].map { (series, $0.average) }
      }
      for (index, point) in block.points.enumerated() {
        let seconds = Double(point.elapsed) / 1e6
        result.measuredSecondsBefore += seconds * before[index]
        result.measuredSeconds += seconds * inside[index]
        // The first sample of a run covers no time.
        guard inside[index] > 0, seconds > 0 else { continue }
        let weight = weights[index] * inside[index]
        for (series, values) in columns {
          guard let value = values[index] else { continue }
          let sum = sums[series] ?? (0, 0)
          sums[series] = (sum.total + series.value(Double(value)) * weight, sum.weight + weight)
        }
      }
    }

    /// The ledger of the range, and the seconds for which it is known.
    private var ledger: (LedgerSums, seconds: Double)? {
      let ledger = LedgerSums { series in
        sums[series].flatMap { $0.weight > 0 ? $0.total / $0.weight : nil }
      }
      let seconds = (sums.values.map(\.weight).max() ?? 0) / 1e6
      return ledger.map { ($0, seconds) }
    }

    /// - Parameters:
    ///   - limit: The maximum number of processes in the answer.
    ///   - lookUp: Finds the facts about a process.
    /// - Throws: a ``HistoryError`` when the answer would have too many processes.
    func explanation(
      limit: Int, _ lookUp: (ProcessReference) throws -> RecordedProcess?
    ) throws -> Explanation {
      var result = result
      if let (ledger, seconds) = ledger {
        result.busySeconds = ledger[.busy] / 100 * seconds
        result.coverage = ledger[.coverage] / 100
      }
      var later: [ProcessReference: ProcessReference] = [:]
      var found = try tally.joined(lookUp, later: &later) { $0.join($1) }
      found.removeAll { $0.use.total == 0 && $0.use.before == 0 }
      found.sort { left, right in
        left.use.total != right.use.total
          ? left.use.total > right.use.total : left.identity < right.identity
      }
      result.processCount = found.count
      try HistoryBudget.check(limit: limit, found: found.count, values: valuesOfProcess)
      for entry in found.prefix(limit) {
        guard let process = try lookUp(entry.reference) else { continue }
        let use = entry.use
        result.suspects.append(
          Suspect(
            process: process, user: use.user / 100, system: use.system / 100,
            children: use.children / 100, before: use.before / 100,
            isNew: use.isNew, hasEnded: use.hasEnded))
      }
      return result
    }
  }

  fileprivate func shareInside(_ span: PointSpan) -> Double { span.share(after: from, through: to) }

  fileprivate func shareBefore(_ span: PointSpan) -> Double {
    span.share(after: Self.start(from: from, to: to), through: from)
  }
}
