import Linux
import ProcFS

/// Turns snapshots into blocks: pure, and in the order in which the snapshots came.
struct HistoryBuilder: Sendable {
  /// What is recorded of a process as long as it lives.
  private struct Live: Sendable {
    var process: RecordedProcess
    var state: ProcessState
    /// What it was under other names: kernel workers take the same few in turn, several times a second.
    var former: [RecordedProcess] = []

    func isSame(as row: ProcessRow, wasClockSet: Bool) -> Bool {
      process.describes(row) && !(wasClockSet && !process.startsWith(row))
    }
  }

  /// Names that are kept of one process at most.
  private static let mostFormer = 32
  /// Processes that appear in one block at most before the next one begins.
  private static let mostBorn = 20_000

  private let bootID: String
  /// Milliseconds that a block covers.
  private let blockLength: Int64
  private var nextReference: ProcessReference
  private var nextBlock: Int64
  /// In ascending order of pid.
  private var live: [Live] = []
  private var monotonic: Int64?
  /// Nanoseconds since the epoch at boot, by the wall clock as it was when start times were last recorded.
  private var boot: Int64?
  /// Whether the wall clock was set since then, which moves the start times of all processes.
  private var wasClockSet = false
  /// Nanoseconds that count as setting the clock: more than slewing moves it in half an hour.
  private static let clockStep: UInt64 = 1_000_000_000

  /// The block that points are added to; `nil` before the first of a run.
  private(set) var open: HistoryBlock?
  /// Processes that the file may not have, in ascending order of reference.
  private(set) var met: [RecordedProcess] = []
  /// Processes that ended, and of which the file may not know that.
  private(set) var gone: [GoneProcess] = []

  /// - Parameters:
  ///   - firstNumber: Numbers blocks and processes from here; above those of all runs before.
  ///   - interval: How far apart samples are meant to be.
  init(bootID: String, firstNumber: Int64, interval: Duration) {
    self.bootID = bootID
    nextReference = firstNumber
    nextBlock = firstNumber
    // A minute, or as many samples as there are seconds in it.
    blockLength = Int64(60_000 * max(1, interval / .seconds(1)))
  }

  /// Takes the next snapshot.
  ///
  /// - Returns: The block that ended before it, if one did.
  mutating func add(_ snapshot: Snapshot) -> HistoryBlock? {
    let time = snapshot.time.wall / 1_000_000
    // Rounded before it is subtracted, so that sums of intervals are as exact as their ends.
    let now = snapshot.time.monotonic / 1000 / HistoryBlock.grain * HistoryBlock.grain
    let point = HistoryPoint(time: time, elapsed: monotonic.map { max(0, now - $0) } ?? 0)
    let isFirst = monotonic == nil
    monotonic = now
    noticeClock(snapshot.time)

    let ended = fits(time) ? nil : close()
    var block = open.take() ?? begin()
    let index = block.points.count
    block.points.append(point)
    block.add(SeriesValues.of(snapshot), at: index)
    if isFirst {
      meet(snapshot, time: time)
      block.processes.present = live.map {
        .init(process: $0.process.reference, state: $0.state)
      }
    } else {
      follow(snapshot, time: time, elapsed: point.elapsed, at: index, in: &block.processes)
    }
    open = block
    return ended
  }

  /// Lets go of what is in the file now: by reference, since more may have come and gone while it was written.
  mutating func forget(_ batch: HistoryBatch) {
    let written = Set(batch.met.lazy.map(\.reference))
    let ended = Set(batch.gone.lazy.map(\.process))
    if !written.isEmpty { met.removeAll { written.contains($0.reference) } }
    if !ended.isEmpty { gone.removeAll { ended.contains($0.process) } }
  }

  /// Lets go of those processes that no block names any more and that the file never had.
  ///
  /// - Parameters:
  ///   - block: The first that there is.
  ///   - written: Those that are on their way to the file.
  mutating func forget(before block: Int64, except written: [RecordedProcess] = []) {
    let held = Set(met.lazy.map(\.reference)).subtracting(written.lazy.map(\.reference))
    // The file still has to be told of the end of those that it has.
    let unnamed = Set(
      gone.lazy.filter { $0.block < block && held.contains($0.process) }.map(\.process))
    guard !unnamed.isEmpty else { return }
    met.removeAll { unnamed.contains($0.reference) }
    gone.removeAll { unnamed.contains($0.process) }
  }

  /// Processes that the file may not have and that have ended.
  ///
  /// Those that are alive are not counted: they are as many as there are, and keep their names.
  var endedNames: Int { max(0, met.count - live.count) }

  /// Counts all that are alive as met once more, for a file that does not know them.
  mutating func meetAgain() {
    let alive = live.flatMap { [$0.process] + $0.former }
    let known = Set(alive.lazy.map(\.reference))
    met = (met.filter { !known.contains($0.reference) } + alive)
      .sorted { $0.reference < $1.reference }
  }

  /// Ends the run: what comes next has nothing before it.
  ///
  /// - Returns: The last block.
  mutating func endRun() -> HistoryBlock? {
    let time = open?.points.last?.time ?? 0
    for one in live { end(one, at: time) }
    live = []
    monotonic = nil
    return close()
  }

  /// A clock that was set back begins a new block, so that times ascend in each.
  private func fits(_ time: Int64) -> Bool {
    guard let open, let last = open.points.last?.time else { return true }
    return time > last && time / blockLength == last / blockLength
      && open.processes.born.count < Self.mostBorn
  }

  private mutating func noticeClock(_ time: Instant) {
    let zero = time.wall &- time.sinceBoot
    wasClockSet = boot.map { (zero &- $0).magnitude >= Self.clockStep } ?? false
    if wasClockSet || boot == nil { boot = zero }
  }

  private mutating func close() -> HistoryBlock? { open.take() }

  private mutating func begin() -> HistoryBlock {
    defer { nextBlock += 1 }
    var block = HistoryBlock(id: nextBlock, resolution: .sample)
    block.processes.present = live.map { .init(process: $0.process.reference, state: $0.state) }
    return block
  }

  // MARK: - Processes

  /// The first snapshot of a run: all are there, and nobody knows since when.
  private mutating func meet(_ snapshot: Snapshot, time: Int64) {
    live = snapshot.processes.map { Live(process: record($0), state: $0.state) }
  }

  private mutating func record(_ row: ProcessRow) -> RecordedProcess {
    let process = RecordedProcess(
      reference: nextReference, identity: row.identity, bootID: bootID,
      startTime: Int64(exactly: (row.startTime * 1000).rounded()) ?? 0, name: row.name,
      uid: row.uid, parentPID: row.parentPID, isKernelThread: row.isKernelThread)
    nextReference += 1
    met.append(process)
    return process
  }

  /// Gives a process that is called otherwise now the reference that it had under that name, or a new one.
  private mutating func rename(_ one: inout Live, as row: ProcessRow, at time: Int64) {
    one.former.append(one.process)
    if let index = one.former.firstIndex(where: { $0.describes(row) && $0.startsWith(row) }) {
      one.process = one.former.remove(at: index)
    } else {
      one.process = record(row)
    }
    one.state = row.state
    if one.former.count > Self.mostFormer {
      end(one.former.removeFirst(), at: time)
    }
  }

  private mutating func end(_ one: Live, at time: Int64) {
    for process in [one.process] + one.former { end(process, at: time) }
  }

  private mutating func end(_ process: RecordedProcess, at time: Int64) {
    // No block names it that begins later.
    gone.append(GoneProcess(process: process.reference, time: time, block: nextBlock - 1))
  }

  private mutating func follow(
    _ snapshot: Snapshot, time: Int64, elapsed: Int64, at point: Int,
    in columns: inout ProcessColumns
  ) {
    if isSamePopulation(snapshot.processes) {
      for index in live.indices {
        note(snapshot.processes[index], &live[index].state, live[index].process.reference)
      }
      return
    }
    let before = live
    live = []
    live.reserveCapacity(snapshot.processes.count)
    var old = 0
    for row in snapshot.processes {
      while old < before.count, before[old].process.identity < row.identity {
        end(before[old])
        old += 1
      }
      var one: Live
      if old < before.count, before[old].process.identity == row.identity {
        one = before[old]
        old += 1
        if !one.isSame(as: row, wasClockSet: wasClockSet) {
          columns.ended.append(
            .init(point: point, process: one.process.reference, isRename: true))
          rename(&one, as: row, at: time)
          columns.born.append(
            .init(
              point: point, process: one.process.reference, state: row.state, isRename: true))
        }
      } else {
        one = Live(process: record(row), state: row.state)
        columns.born.append(
          .init(
            point: point, process: one.process.reference, state: row.state,
            isOld: row.recent == nil))
      }
      note(row, &one.state, one.process.reference)
      live.append(one)
    }
    while old < before.count {
      end(before[old])
      old += 1
    }

    func end(_ one: Live) {
      columns.ended.append(.init(point: point, process: one.process.reference))
      self.end(one, at: time)
    }

    func note(_ row: ProcessRow, _ state: inout ProcessState, _ process: ProcessReference) {
      var activity = ProcessColumns.Activity(point: point, state: row.state)
      activity.count(row, elapsed: elapsed)
      guard activity.isAnything || state != row.state else { return }
      state = row.state
      columns.activity[process, default: []].append(activity)
    }
  }

  private func isSamePopulation(_ rows: [ProcessRow]) -> Bool {
    guard rows.count == live.count else { return false }
    for index in rows.indices
    where live[index].process.identity != rows[index].identity
      || !live[index].isSame(as: rows[index], wasClockSet: wasClockSet)
    {
      return false
    }
    return true
  }
}

extension RecordedProcess {
  /// Whether a row of the same process shows it under this name, with this owner and parent.
  fileprivate func describes(_ row: ProcessRow) -> Bool {
    name == row.name && uid == row.uid && parentPID == row.parentPID
  }

  /// Whether it began when the row says so, to the second: the wall clock may have been set since it was recorded.
  fileprivate func startsWith(_ row: ProcessRow) -> Bool {
    abs(Double(startTime) / 1000 - row.startTime) < 1
  }
}

extension ProcessColumns.Activity {
  /// Takes what the row used since the sample before; a share over the measured time is whole clock ticks again.
  fileprivate mutating func count(_ row: ProcessRow, elapsed: Int64) {
    func hundredths(_ share: Double?) -> Int64 {
      guard let share, share > 0 else { return 0 }
      return Int64((share * Double(elapsed) / 10_000).rounded())
    }
    user = hundredths(row.recent?.user)
    system = hundredths(row.recent?.system)
    childrenUser = hundredths(row.childrenRecent?.user)
    childrenSystem = hundredths(row.childrenRecent?.system)
  }

  fileprivate var isAnything: Bool {
    user != 0 || system != 0 || childrenUser != 0 || childrenSystem != 0
  }
}

extension HistoryBlock {
  /// Adds the values of the newest point; series that appear or vanish have `nil` where they were not.
  fileprivate mutating func add(_ values: [(Series, Double)], at point: Int) {
    for (series, value) in values {
      var column = columns[series]?.average ?? []
      while column.count < point { column.append(nil) }
      if column.count == point { column.append(series.quantized(value)) }
      columns[series] = SeriesColumn(average: column)
    }
    for (series, column) in columns where column.average.count <= point {
      columns[series]?.average.append(nil)
    }
  }
}
