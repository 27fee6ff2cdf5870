/// Blocks that are complete and wait for the file, in the order of recording.
///
/// There are bounds to them: an hour, so many bytes, and so many processes that have ended and whose names they need.
struct HeldBlocks: Sendable {
  private(set) var blocks: [HistoryBlock] = []
  /// Bytes of memory that they take, roughly.
  private(set) var bytes = 0

  /// An hour of them.
  static let mostBlocks = 60
  static let mostBytes = 128 << 20
  /// Names of processes that have ended.
  static let mostNames = 100_000

  mutating func append(_ block: HistoryBlock) {
    blocks.append(block)
    bytes += block.memoryBytes
  }

  mutating func removeAll(where shouldBeRemoved: (HistoryBlock) -> Bool) {
    blocks.removeAll { block in
      guard shouldBeRemoved(block) else { return false }
      bytes -= block.memoryBytes
      return true
    }
  }

  /// Gives up the oldest as far as a bound demands it.
  ///
  /// - Parameter names: Processes that have ended and whose names are held.
  mutating func giveUp(names: Int) -> [HistoryBlock] {
    var given: [HistoryBlock] = []
    // One block at a time for the names: how many go with it is known only afterwards.
    let isCrowded = names > Self.mostNames
    while let oldest = blocks.first,
      blocks.count > Self.mostBlocks || bytes > Self.mostBytes || (isCrowded && given.isEmpty)
    {
      bytes -= oldest.memoryBytes
      given.append(blocks.removeFirst())
    }
    return given
  }
}
