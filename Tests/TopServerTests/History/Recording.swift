import Linux
import ProcFS

@testable import TopServer

/// The state of a recorder that never writes, after some snapshots.
struct Recording {
  var builder: HistoryBuilder
  var blocks: [HistoryBlock] = []
  var known: [ProcessReference: RecordedProcess] = [:]

  init(firstNumber: Int64 = 1, interval: Duration = .seconds(1)) {
    builder = HistoryBuilder(bootID: "boot", firstNumber: firstNumber, interval: interval)
  }

  mutating func add(_ snapshot: Snapshot) {
    if let ended = builder.add(snapshot) { blocks.append(ended) }
    for process in builder.appeared { known[process.reference] = process }
  }

  /// The complete blocks and the open one.
  var all: [HistoryBlock] { blocks + (builder.open.map { [$0] } ?? []) }

  /// The batch that a recorder would write now.
  var batch: HistoryBatch {
    HistoryBatch(blocks: all, appeared: builder.appeared, exited: builder.exited)
  }

  /// Releases what was written.
  mutating func settle() {
    builder.forget(batch)
    blocks = []
  }

  /// The table at a moment in milliseconds since the epoch.
  func table(at time: Int64, seconds: Double = 60, of blocks: [HistoryBlock]? = nil) -> Snapshot? {
    let blocks = blocks ?? all
    let table = PastTable(at: time, in: blocks, window: Int64(seconds * 1e6))
    return try? table?.snapshot({ id in blocks.first { $0.id == id } }, { known[$0] })
  }
}

extension Snapshot {
  /// Milliseconds since the epoch.
  var milliseconds: Int64 { time.wall / 1_000_000 }
}

extension HistoryBlock {
  /// The block after encoding and decoding.
  func throughBytes() throws -> HistoryBlock {
    var numbers: [Series: Int64] = [:]
    let encoded = encoded { series in
      numbers[series] = numbers[series] ?? Int64(numbers.count + 1)
      return numbers[series] ?? 0
    }
    let wanted = Dictionary(uniqueKeysWithValues: numbers.map { ($0.value, $0.key) })
    return try HistoryBlock(
      id: id, resolution: resolution, points: encoded.points, series: encoded.series,
      wanted: wanted, processes: encoded.processes)
  }
}
