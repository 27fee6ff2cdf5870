/// Splits a batch into parts, each for one transaction.
///
/// The blocks that were held for an hour are much larger than the write-ahead log may be.
extension HistoryBatch {
  /// The approximate limit of a part in bytes of the file.
  private static let mostBytes = 256 << 10

  /// The parts, mostly one: processes come before the blocks that refer to them, each with its end if it has exited.
  var parts: [HistoryBatch] {
    var parts: [HistoryBatch] = []
    var part = HistoryBatch(blocks: [], appeared: [], exited: [])
    var bytes = 0
    func makeRoom(for more: Int) {
      if bytes > 0 && bytes + more > Self.mostBytes {
        parts.append(part)
        part = HistoryBatch(blocks: [], appeared: [], exited: [])
        bytes = 0
      }
      bytes += more
    }
    // A process and its end belong into one part: the part must fit into the budget, and only exited processes can be
    // removed to make room.
    var ends = Dictionary(exited.lazy.map { ($0.process, $0) }) { first, _ in first }
    for process in appeared {
      makeRoom(for: 128)
      part.appeared.append(process)
      if let end = ends.removeValue(forKey: process.reference) { part.exited.append(end) }
    }
    for block in blocks {
      makeRoom(for: block.roughBytes)
      part.blocks.append(block)
    }
    for block in fleet {
      makeRoom(for: block.bytes.count + 32)
      part.fleet.append(block)
    }
    for process in exited where ends[process.process] != nil {
      makeRoom(for: 32)
      part.exited.append(process)
    }
    return parts + [part]
  }
}

extension HistoryBlock {
  /// An approximate upper bound of its bytes in the file: most values differ little from the previous one.
  var roughBytes: Int {
    let changes = processes.born.count + processes.ended.count
    return columns.count * points.count + 3 * processes.present.count + 8 * changes
      + 5 * activities
  }

  /// Its approximate memory in bytes.
  var memoryBytes: Int {
    let values = columns.values.reduce(0) {
      $0 + $1.average.count + $1.minimum.count + $1.maximum.count
    }
    return MemoryLayout<Int64?>.stride * values
      + MemoryLayout<HistoryPoint>.stride * points.count
      + MemoryLayout<ProcessColumns.Presence>.stride * processes.present.count
      + MemoryLayout<ProcessColumns.Birth>.stride * processes.born.count
      + MemoryLayout<ProcessColumns.End>.stride * processes.ended.count
      + MemoryLayout<ProcessColumns.Activity>.stride * activities
      // The overhead of each array and each dictionary entry.
      + 64 * (columns.count + processes.activity.count)
  }

  private var activities: Int { processes.activity.values.reduce(0) { $0 + $1.count } }
}
