import Linux
import ProcFS

/// Turns snapshots into blocks: pure, and in the order in which the snapshots came.
struct HistoryBuilder: Sendable {
  /// Processes that appear in one block at most before the next one begins.
  private static let mostBorn = 20_000

  /// Milliseconds that a block covers.
  private let blockLength: Int64
  private var nextBlock: Int64
  private var roster: ProcessRoster
  private var monotonic: Int64?
  /// Nanoseconds since the epoch at boot, by the wall clock as it was when start times were last recorded.
  private var boot: Int64?
  /// Whether the wall clock was set since then, which moves the start times of all processes.
  private var wasClockSet = false
  /// Nanoseconds that count as setting the clock: more than slewing moves it in half an hour.
  private static let clockStep: UInt64 = 1_000_000_000

  /// The block that points are added to; `nil` before the first of a run.
  private(set) var open: HistoryBlock?
  /// See ``ProcessRoster/met``.
  var met: [RecordedProcess] { roster.met }
  /// See ``ProcessRoster/gone``.
  var gone: [GoneProcess] { roster.gone }

  /// - Parameters:
  ///   - firstNumber: Numbers blocks and processes from here; above those of all runs before.
  ///   - interval: How far apart samples are meant to be.
  init(bootID: String, firstNumber: Int64, interval: Duration) {
    roster = ProcessRoster(bootID: bootID, firstNumber: firstNumber)
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
      roster.meet(snapshot)
      block.processes.present = roster.present
    } else {
      let position = ProcessRoster.Position(
        time: time, elapsed: point.elapsed, point: index, block: block.id,
        wasClockSet: wasClockSet)
      roster.follow(snapshot, at: position, in: &block.processes)
    }
    open = block
    return ended
  }

  /// See ``ProcessRoster/forget(_:)``.
  mutating func forget(_ batch: HistoryBatch) { roster.forget(batch) }

  /// See ``ProcessRoster/forget(before:except:)``.
  mutating func forget(before block: Int64, except written: [RecordedProcess] = []) {
    roster.forget(before: block, except: written)
  }

  /// See ``ProcessRoster/endedNames``.
  var endedNames: Int { roster.endedNames }

  /// See ``ProcessRoster/meetAgain()``.
  mutating func meetAgain() { roster.meetAgain() }

  /// Ends the run: what comes next has nothing before it.
  ///
  /// - Returns: The last block.
  mutating func endRun() -> HistoryBlock? {
    let time = open?.points.last?.time ?? 0
    roster.endAll(at: time, block: nextBlock - 1)
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
    block.processes.present = roster.present
    return block
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
