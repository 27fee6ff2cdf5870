import Testing

@testable import TopServer

@Suite struct HeldBlocksTests {
  private func block(_ id: Int64, values: Int = 10) -> HistoryBlock {
    var block = HistoryBlock(id: id, resolution: .sample)
    block.points = (0..<values).map { HistoryPoint(time: Int64($0), elapsed: 0) }
    block.columns[.whole("a")] = SeriesColumn(average: Array(repeating: 1, count: values))
    return block
  }

  @Test func anHourIsHeld() {
    var held = HeldBlocks()
    for id in 0..<100 as Range<Int64> {
      held.append(block(id))
      let given = held.giveUp(names: 0)
      #expect(given.map(\.id) == (id < 60 ? [] : [id - 60]))
    }
    #expect(held.blocks.map(\.id) == Array(40..<100))
  }

  @Test func heldBytesAreBounded() {
    var held = HeldBlocks()
    var given: [Int64] = []
    for id in 0..<20 as Range<Int64> {
      held.append(block(id, values: 1 << 20))
      given += held.giveUp(names: 0).map(\.id)
      #expect(held.bytes <= HeldBlocks.mostBytes)
    }
    #expect(given == Array(0..<Int64(given.count)) && given.count > 10)
    #expect(held.bytes == held.blocks.reduce(0) { $0 + $1.memoryBytes })
    #expect(held.bytes >= held.blocks.count << 24)
    held.removeAll { $0.id % 2 == 0 }
    #expect(held.bytes == held.blocks.reduce(0) { $0 + $1.memoryBytes })
    held.removeAll { _ in true }
    #expect(held.bytes == 0)
  }

  @Test func tooManyNamesRemoveTheOldestBlock() {
    var held = HeldBlocks()
    for id in 0..<3 as Range<Int64> { held.append(block(id)) }
    #expect(held.giveUp(names: HeldBlocks.mostNames).isEmpty)
    #expect(held.giveUp(names: HeldBlocks.mostNames + 1).map(\.id) == [0])
    #expect(held.blocks.map(\.id) == [1, 2])
  }
}
