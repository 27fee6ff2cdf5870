import Linux
import ProcFS

/// Builds blocks from snapshots; pure, the snapshots must be in order.
struct HistoryBuilder: Sendable {
  /// The number of births in a block after which the next one begins.
  private static let mostBorn = 20_000

  /// The milliseconds that a block covers.
  private let blockLength: Int64
  private var nextBlock: Int64
  private var roster: ProcessRoster
  private var monotonic: Int64?
  /// The epoch time of boot in nanoseconds, by the wall clock when start times were last recorded.
  private var boot: Int64?
  /// Whether the wall clock was set since then, which moves the start times of all processes.
  private var wasClockSet = false
  /// The nanoseconds that count as setting the clock: more than slewing changes in half an hour.
  private static let clockStep: UInt64 = 1_000_000_000

  /// The open block; `nil` before the first of a run.
  private(set) var open: HistoryBlock?
  /// See ``ProcessRoster/appeared``.
  var appeared: [RecordedProcess] { roster.appeared }
  /// See ``ProcessRoster/exited``.
  var exited: [ExitedProcess] { roster.exited }

  /// - Parameters:
  ///   - firstNumber: The first number for blocks and processes, above those of all earlier runs.
  ///   - interval: The intended time between two samples.
  init(bootID: String, firstNumber: Int64, interval: Duration) {
    roster = ProcessRoster(bootID: bootID, firstNumber: firstNumber)
    nextBlock = firstNumber
    // A minute, or as many samples as a minute has seconds.
    blockLength = Int64(60_000 * max(1, interval / .seconds(1)))
  }

  /// Adds the next snapshot.
  ///
  /// - Returns: The block that it completed, if any.
  mutating func add(_ snapshot: Snapshot) -> HistoryBlock? {
    let time = snapshot.time.wall / 1_000_000
    // Round before subtracting, so that sums of intervals are as exact as their ends.
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
      roster.begin(with: snapshot)
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

  /// See ``ProcessRoster/addLivingAgain()``.
  mutating func addLivingAgain() { roster.addLivingAgain() }

  /// Ends the run: the next snapshot has no predecessor.
  ///
  /// - Returns: The last block.
  mutating func endRun() -> HistoryBlock? {
    let time = open?.points.last?.time ?? 0
    roster.endAll(at: time, block: nextBlock - 1)
    monotonic = nil
    return close()
  }

  /// Whether the open block can take this time; after the clock was set back a new block begins, so that times ascend.
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
  /// Adds the values of the newest point; a series that appears or vanishes is `nil` elsewhere.
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
