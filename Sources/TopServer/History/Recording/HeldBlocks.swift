/// The complete blocks that wait for the file, in the order of recording.
///
/// It is bounded: an hour of blocks, their memory, and the number of exited processes whose names they need.
struct HeldBlocks: Sendable {
  private(set) var blocks: [HistoryBlock] = []
  /// The approximate memory of the blocks in bytes.
  private(set) var bytes = 0

  /// An hour of blocks.
  static let mostBlocks = 60
  static let mostBytes = 128 << 20
  /// The limit of names of exited processes.
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

  /// Removes the oldest blocks until every limit is met.
  ///
  /// - Parameter names: The number of exited processes whose names are held.
  mutating func giveUp(names: Int) -> [HistoryBlock] {
    var given: [HistoryBlock] = []
    // When there are too many names, remove one block only: the caller learns afterwards how many names that released.
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
