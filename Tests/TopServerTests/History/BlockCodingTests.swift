import ProcFS
import Testing

@testable import TopServer

@Suite struct BlockCodingTests {
  /// Blocks of a busy machine with births, ends and irregular times.
  private func blocks() -> [HistoryBlock] {
    var machine = SimulatedMachine()
    var window = Window.test(seconds: 10)
    var recording = Recording()
    for second in 0..<150 {
      for tick in 0..<100 {
        machine.pass()
        if let worker = machine.alive.last { machine.work(worker, inSystem: tick % 3 == 0) }
      }
      if second % 3 == 0 { machine.fork(1) }
      if second % 7 == 0, let child = machine.alive.last, child != 1 {
        machine.exit(child)
        if second % 2 == 0 { machine.wait(for: child) }
      }
      recording.add(window.add(machine.sample()))
    }
    return recording.all
  }

  @Test func aBlockRoundTrips() throws {
    let blocks = blocks()
    try #require(blocks.count >= 3)
    for block in blocks { #expect(try block.throughBytes() == block) }
  }

  @Test func aThinnedBlockRoundTrips() throws {
    let merged = try #require(Thinning.merge(blocks(), to: .tenSeconds))
    #expect(try merged.throughBytes() == merged)
  }

  @Test func onlyWantedSeriesAreRead() throws {
    let block = try #require(blocks().first)
    var numbers: [String: Int64] = [:]
    let encoded = block.encoded { series in
      numbers[series.name] = Int64(numbers.count + 1)
      return numbers[series.name] ?? 0
    }
    let busy = Series.decimal("cpu.busy_percent")
    let number = try #require(numbers[busy.name])
    let read = try HistoryBlock(
      id: 1, resolution: .sample, points: encoded.points, series: encoded.series,
      wanted: [number: busy], processes: nil)
    #expect(read.columns == [busy: block.columns[busy]])
    #expect(read.processes == ProcessColumns())
  }

  @Test func damageIsDetectedAnywhere() throws {
    let block = try #require(blocks().last)
    let encoded = block.encoded { _ in 1 }
    for index in encoded.processes.indices {
      var bytes = encoded.processes
      bytes[index] ^= 0x10
      let read = try? HistoryBlock(
        id: 1, resolution: .sample, points: encoded.points, series: nil, wanted: [:],
        processes: bytes)
      // A few bits have no effect, for example those with the compression level.
      if let read { #expect(read.processes == block.processes) }
    }
  }
}
