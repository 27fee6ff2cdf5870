import ProcFS

/// The recorded processes of a machine: their references, and which of them appeared or exited.
struct ProcessRoster: Sendable {
  /// The recorded facts about a living process.
  private struct Live: Sendable {
    var process: RecordedProcess
    var state: ProcessState
    /// Its previous names: kernel workers alternate between a few, several times a second.
    var former: [RecordedProcess] = []

    func isSame(as row: ProcessRow, wasClockSet: Bool) -> Bool {
      process.describes(row) && !(wasClockSet && !process.startsWith(row))
    }
  }

  /// The position of a snapshot in its run and block.
  struct Position {
    /// Milliseconds since the epoch.
    var time: Int64
    /// Microseconds since the previous snapshot.
    var elapsed: Int64
    /// The index of the snapshot in its block.
    var point: Int
    /// The number of the block; no later block refers to a process that exited before the snapshot.
    var block: Int64
    /// Whether the wall clock was set since start times were last recorded, which moves those of all processes.
    var wasClockSet: Bool
  }

  /// The limit of kept names of one process.
  private static let mostFormer = 32

  private let bootID: String
  private var nextReference: ProcessReference
  /// In ascending order of pid.
  private var live: [Live] = []
  /// Processes that may be missing from the file, in ascending order of reference.
  private(set) var appeared: [RecordedProcess] = []
  /// Processes that exited, of which the file may not know it yet.
  private(set) var exited: [ExitedProcess] = []

  /// - Parameter firstNumber: The first reference, above those of all earlier runs.
  init(bootID: String, firstNumber: ProcessReference) {
    self.bootID = bootID
    nextReference = firstNumber
  }

  /// The living processes, as the presence at the beginning of a block.
  var present: [ProcessColumns.Presence] {
    live.map { .init(process: $0.process.reference, state: $0.state) }
  }

  /// Adds the processes of a run's first snapshot, whose past is unknown.
  mutating func begin(with snapshot: Snapshot) {
    live = snapshot.processes.map { Live(process: record($0), state: $0.state) }
  }

  private mutating func record(_ row: ProcessRow) -> RecordedProcess {
    let process = RecordedProcess(
      reference: nextReference, identity: row.identity, bootID: bootID,
      startTime: Int64(exactly: (row.startTime * 1000).rounded()) ?? 0, name: row.name,
      uid: row.uid, parentPID: row.parentPID, isKernelThread: row.isKernelThread)
    nextReference += 1
    appeared.append(process)
    return process
  }

  /// Gives a renamed process the reference that it had under that name, or a new one.
  private mutating func rename(_ one: inout Live, as row: ProcessRow, at position: Position) {
    one.former.append(one.process)
    if let index = one.former.firstIndex(where: { $0.describes(row) && $0.startsWith(row) }) {
      one.process = one.former.remove(at: index)
    } else {
      one.process = record(row)
    }
    one.state = row.state
    if one.former.count > Self.mostFormer {
      end(one.former.removeFirst(), at: position.time, block: position.block)
    }
  }

  private mutating func end(_ one: Live, at time: Int64, block: Int64) {
    for process in [one.process] + one.former { end(process, at: time, block: block) }
  }

  private mutating func end(_ process: RecordedProcess, at time: Int64, block: Int64) {
    exited.append(ExitedProcess(process: process.reference, time: time, block: block))
  }

  /// Follows the next snapshot of a run.
  ///
  /// - Parameter columns: The process columns of the snapshot's block.
  mutating func follow(
    _ snapshot: Snapshot, at position: Position, in columns: inout ProcessColumns
  ) {
    let point = position.point
    if isSamePopulation(snapshot.processes, wasClockSet: position.wasClockSet) {
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
        if !one.isSame(as: row, wasClockSet: position.wasClockSet) {
          columns.ended.append(
            .init(point: point, process: one.process.reference, isRename: true))
          rename(&one, as: row, at: position)
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
      self.end(one, at: position.time, block: position.block)
    }

    func note(_ row: ProcessRow, _ state: inout ProcessState, _ process: ProcessReference) {
      var activity = ProcessColumns.Activity(point: point, state: row.state)
      activity.count(row, elapsed: position.elapsed)
      guard activity.isAnything || state != row.state else { return }
      state = row.state
      columns.activity[process, default: []].append(activity)
    }
  }

  private func isSamePopulation(_ rows: [ProcessRow], wasClockSet: Bool) -> Bool {
    guard rows.count == live.count else { return false }
    for index in rows.indices
    where live[index].process.identity != rows[index].identity
      || !live[index].isSame(as: rows[index], wasClockSet: wasClockSet)
    {
      return false
    }
    return true
  }

  /// Ends all living processes at the end of a run.
  ///
  /// - Parameters:
  ///   - time: Milliseconds since the epoch.
  ///   - block: The last block that refers to them.
  mutating func endAll(at time: Int64, block: Int64) {
    for one in live { end(one, at: time, block: block) }
    live = []
  }

  // MARK: - Processes in the file

  /// Releases the processes that are now in the file, by reference, since others may have been added in the meantime.
  mutating func forget(_ batch: HistoryBatch) {
    let written = Set(batch.appeared.lazy.map(\.reference))
    let ended = Set(batch.exited.lazy.map(\.process))
    if !written.isEmpty { appeared.removeAll { written.contains($0.reference) } }
    if !ended.isEmpty { exited.removeAll { ended.contains($0.process) } }
  }

  /// Releases the processes to which no block refers any more and that never reached the file.
  ///
  /// - Parameters:
  ///   - block: The first existing block.
  ///   - written: Processes that are being written to the file.
  mutating func forget(before block: Int64, except written: [RecordedProcess] = []) {
    let held = Set(appeared.lazy.map(\.reference)).subtracting(written.lazy.map(\.reference))
    // The ends of processes that are in the file must still be written.
    let unnamed = Set(
      exited.lazy.filter { $0.block < block && held.contains($0.process) }.map(\.process))
    guard !unnamed.isEmpty else { return }
    appeared.removeAll { unnamed.contains($0.reference) }
    exited.removeAll { unnamed.contains($0.process) }
  }

  /// The number of exited processes that may be missing from the file.
  ///
  /// Living processes are not counted: their number is bounded, and they keep their names.
  var endedNames: Int { max(0, appeared.count - live.count) }

  /// Adds all living processes to ``appeared`` again, for a file that does not know them.
  mutating func addLivingAgain() {
    let alive = live.flatMap { [$0.process] + $0.former }
    let known = Set(alive.lazy.map(\.reference))
    appeared = (appeared.filter { !known.contains($0.reference) } + alive)
      .sorted { $0.reference < $1.reference }
  }
}

extension RecordedProcess {
  /// Whether a row of the same process has this name, owner and parent.
  fileprivate func describes(_ row: ProcessRow) -> Bool {
    name == row.name && uid == row.uid && parentPID == row.parentPID
  }

  /// Whether the start times agree to the second; the wall clock may have been set since the process was recorded.
  fileprivate func startsWith(_ row: ProcessRow) -> Bool {
    abs(Double(startTime) / 1000 - row.startTime) < 1
  }
}

extension ProcessColumns.Activity {
  /// Computes the use since the previous sample; a share times the measured time is a whole number of ticks again.
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
