import ProcFS

/// Who used the CPU in a stretch of time, beside the stretch of equal length before it.
struct Explanation: Sendable, Equatable {
  /// Milliseconds since the epoch.
  var from: Int64
  var to: Int64
  /// CPU seconds of all that was busy; `nil` when nothing was recorded.
  var busySeconds: Double?
  /// The share of them that processes and other known causes explain, from 0 to 1.
  var coverage: Double?
  /// Seconds of the stretch, and of the one before, that were recorded.
  var measuredSeconds = 0.0
  var measuredSecondsBefore = 0.0
  /// Those that used most come first.
  var suspects: [Suspect] = []

  struct Suspect: Sendable, Equatable {
    var process: RecordedProcess
    /// CPU seconds in the stretch.
    var user = 0.0
    var system = 0.0
    /// Of children that ended unseen and that it waited for.
    var children = 0.0
    /// All three, in the stretch before.
    var before = 0.0
    /// Whether it appeared within the stretch.
    var isNew = false
    /// Whether it went away within the stretch.
    var hasEnded = false

    var total: Double { user + system + children }
  }

  /// The first moment that is needed to explain a stretch.
  static func start(from: Int64, to: Int64) -> Int64 { from - (to - from) }

  /// - Parameters:
  ///   - blocks: Those that tell of the stretch and of the one before it, in the order of recording.
  ///   - lookUp: Finds what is known of a process.
  init(
    from: Int64, to: Int64, _ blocks: [HistoryBlock],
    lookUp: (ProcessReference) throws -> RecordedProcess?
  ) throws {
    (self.from, self.to) = (from, to)
    var found: [ProcessReference: Suspect] = [:]
    for block in blocks { try add(block, to: &found, lookUp) }
    weigh(blocks)
    // A process that took another name goes on under another reference; the newest name is shown.
    var merged: [Key: Suspect] = [:]
    for (_, one) in found.sorted(by: { $0.key < $1.key }) {
      let key = Key(boot: one.process.bootID, identity: one.process.identity)
      merged[key] = merged[key].map { $0.joined(by: one) } ?? one
    }
    suspects = merged.values.filter { $0.total > 0 || $0.before > 0 }.sorted { left, right in
      left.total != right.total
        ? left.total > right.total : left.process.identity < right.process.identity
    }
  }

  private struct Key: Hashable {
    var boot: String
    var identity: ProcessIdentity
  }

  private func isInside(_ time: Int64) -> Bool { time > from && time <= to }

  private func isBefore(_ time: Int64) -> Bool {
    time > Self.start(from: from, to: to) && time <= from
  }

  private func add(
    _ block: HistoryBlock, to found: inout [ProcessReference: Suspect],
    _ lookUp: (ProcessReference) throws -> RecordedProcess?
  ) throws {
    let times = block.points.map(\.time)
    func change(_ process: ProcessReference, _ body: (inout Suspect) -> Void) throws {
      guard var one = try found[process] ?? lookUp(process).map({ Suspect(process: $0) }) else {
        return
      }
      body(&one)
      found[process] = one
    }
    for birth in block.processes.born
    where isInside(times[birth.point]) && !birth.isOld && !birth.isRename {
      try change(birth.process) { $0.isNew = true }
    }
    for end in block.processes.ended where isInside(times[end.point]) && !end.isRename {
      try change(end.process) { $0.hasEnded = true }
    }
    for (process, entries) in block.processes.activity {
      for entry in entries {
        let time = times[entry.point]
        guard isInside(time) || isBefore(time) else { continue }
        try change(process) { one in
          let children = Double(entry.childrenUser + entry.childrenSystem) / 100
          if isInside(time) {
            one.user += Double(entry.user) / 100
            one.system += Double(entry.system) / 100
            one.children += children
          } else {
            one.before += Double(entry.user + entry.system) / 100 + children
          }
        }
      }
    }
  }

  /// How much was busy, and how much of that is explained.
  private mutating func weigh(_ blocks: [HistoryBlock]) {
    var busy = 0.0
    var explained = 0.0
    for block in blocks {
      let percent = block.columns[Self.busy]?.average
      let cpus = block.columns[Self.cpuCount]?.average
      let coverage = block.columns[Self.coverage]?.average
      for (index, point) in block.points.enumerated() {
        let seconds = Double(point.elapsed) / 1e6
        if isBefore(point.time) { measuredSecondsBefore += seconds }
        guard isInside(point.time) else { continue }
        measuredSeconds += seconds
        guard let percent = percent?[index], let cpus = cpus?[index] else { continue }
        let used = Self.busy.value(Double(percent)) / 100 * Double(cpus) * seconds
        busy += used
        explained += used * (coverage?[index].map { Self.coverage.value(Double($0)) } ?? 100) / 100
      }
    }
    guard measuredSeconds > 0 else { return }
    busySeconds = busy
    coverage = busy > 0 ? explained / busy : 1
  }

  static let busy = Series.decimal("cpu.busy_percent")
  static let cpuCount = Series.whole("cpu_count")
  static let coverage = Series.decimal("ledger.coverage_percent")
}

extension Explanation.Suspect {
  /// The same process under its earlier and its later name.
  fileprivate func joined(by later: Explanation.Suspect) -> Explanation.Suspect {
    var joined = later
    joined.user += user
    joined.system += system
    joined.children += children
    joined.before += before
    joined.isNew = isNew || later.isNew
    joined.hasEnded = hasEnded || later.hasEnded
    return joined
  }
}
