/// A batch in parts, each of which is written at once.
///
/// An hour that was held while the file could not be written is much more than the log beside the file may take.
extension HistoryBatch {
  /// Bytes that a part takes in the file, roughly.
  private static let mostBytes = 256 << 10

  /// Processes before the blocks that name them, each with its end if it has ended; one part nearly always.
  var parts: [HistoryBatch] {
    var parts: [HistoryBatch] = []
    var part = HistoryBatch(blocks: [], met: [], gone: [])
    var bytes = 0
    func makeRoom(for more: Int) {
      if bytes > 0 && bytes + more > Self.mostBytes {
        parts.append(part)
        part = HistoryBatch(blocks: [], met: [], gone: [])
        bytes = 0
      }
      bytes += more
    }
    // A part must fit by itself, and only what has ended can make room.
    var ends = Dictionary(gone.lazy.map { ($0.process, $0) }) { first, _ in first }
    for process in met {
      makeRoom(for: 128)
      part.met.append(process)
      if let end = ends.removeValue(forKey: process.reference) { part.gone.append(end) }
    }
    for block in blocks {
      makeRoom(for: block.roughBytes)
      part.blocks.append(block)
    }
    for block in fleet {
      makeRoom(for: block.bytes.count + 32)
      part.fleet.append(block)
    }
    for process in gone where ends[process.process] != nil {
      makeRoom(for: 32)
      part.gone.append(process)
    }
    return parts + [part]
  }
}

extension HistoryBlock {
  /// Bytes that it takes in the file at most, roughly: most values differ little from the one before.
  var roughBytes: Int {
    let changes = processes.born.count + processes.ended.count
    return columns.count * points.count + 3 * processes.present.count + 8 * changes
      + 5 * activities
  }

  /// Bytes that it takes in memory, roughly.
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
      // What each array and each entry of a dictionary takes beside its elements.
      + 64 * (columns.count + processes.activity.count)
  }

  private var activities: Int { processes.activity.values.reduce(0) { $0 + $1.count } }
}
