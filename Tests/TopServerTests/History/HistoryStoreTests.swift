import Linux
import ProcFS
import SQLite
import TestSupport
import Testing

@testable import TopServer

@Suite struct HistoryStoreTests {
  private let folder: TemporaryFolder
  private var path: String { HistoryWriter.path(in: folder.path) }
  private let limit: Int64 = 256 << 20

  init() throws { folder = try TemporaryFolder() }

  /// Records a machine with one busy process for some seconds, in batches.
  private func record(
    _ seconds: Int, firstNumber: Int64 = 1, batch: Int = 60, into store: HistoryStore
  )
    throws -> Recording
  {
    var recording = Recording(firstNumber: firstNumber)
    var window = Window.test()
    for second in 0..<seconds {
      let worker = Process(pid: 2, user: UInt64(second) * 30 + UInt64(second % 7))
      recording.add(window.add(.at(Double(second), [Process(pid: 1), worker])))
      guard second % batch == batch - 1 || second == seconds - 1 else { continue }
      try store.write(
        recording.batch,
        limit: limit)
      recording.settle()
    }
    return recording
  }

  private func archive() throws -> HistoryArchive { try HistoryArchive(path: path) }

  private func all(_ archive: HistoryArchive) throws -> [HistoryBlock] {
    try archive.blocks(
      from: 0, to: Int64.max, series: try archive.series(), processes: true)
  }

  @Test func writtenBlocksAreReadBack() throws {
    let store = try HistoryStore(path: path)
    let recording = try record(150, batch: 5, into: store)
    let blocks = try all(try archive())
    #expect(blocks.map(\.points.count) == [40, 60, 50])
    #expect(blocks.last == recording.all.last)
    #expect(try archive().range()?.lowerBound == 1_700_000_000_000)
    #expect(try archive().range()?.upperBound == 1_700_000_149_000)
    let process = try #require(try archive().process(2))
    #expect(process == recording.known[2])
    #expect(try archive().process(99) == nil)
  }

  @Test func endedProcessesAreCountedUpToTheLimit() throws {
    let store = try HistoryStore(path: path)
    let exited = (1...9).map { ExitedProcess(process: $0, time: $0 * 1000, block: 1) }
    let appeared = exited.map { one in
      RecordedProcess(
        reference: one.process, identity: ProcessIdentity(pid: Int32(one.process), startTicks: 1),
        bootID: "b", startTime: 0, name: "p", uid: 0, parentPID: 1, isKernelThread: false)
    }
    try store.write(HistoryBatch(blocks: [], appeared: appeared, exited: exited), limit: limit)
    #expect(try archive().countEnded(from: 3000, to: 7000, atMost: 100) == 5)
    #expect(try archive().countEnded(from: 3000, to: 7000, atMost: 2) == 2)
  }

  @Test func aCancelledQueryEndsBeforeTheNextBlock() async throws {
    let store = try HistoryStore(path: path)
    _ = try record(150, batch: 5, into: store)
    let path = path
    let seen = await Task {
      var seen = 0
      _ = try? RecordedBlocks(from: 0, to: .max, HistoryArchive(path: path), recent: []).eachBlock(
        []) {
          _ in
          seen += 1
          unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
        }
      return seen
    }.value
    #expect(seen == 1)
  }

  @Test func numbersContinueAfterARestart() throws {
    var store: HistoryStore? = try HistoryStore(path: path)
    _ = try record(70, into: try #require(store))
    store = nil
    let again = try HistoryStore(path: path)
    #expect(try again.firstFreeNumber() == 3)
    _ = try record(10, firstNumber: 100, into: again)
    #expect(try all(try archive()).map(\.id) == [1, 2, 100])
  }

  @Test func hoursAreThinnedAndKeepASpike() throws {
    let store = try HistoryStore(path: path)
    _ = try record(2 * 3600 + 1800, into: store)
    let blocks = try all(try archive())
    let fine = blocks.filter { $0.resolution == .sample }
    let coarse = blocks.filter { $0.resolution == .tenSeconds }
    #expect(!coarse.isEmpty)
    #expect(blocks.map(\.first) == blocks.map(\.first).sorted())
    // An hour in full, and the samples that complete a span of ten minutes.
    let newest = try #require(blocks.last?.last)
    let oldestFine = try #require(fine.first?.first)
    #expect((3_600_000..<4_300_000).contains(newest - oldestFine))
    #expect(
      coarse.flatMap(\.points).map(\.samples).reduce(0, +) + fine.flatMap(\.points).count == 9000)
    let ticks = blocks.flatMap { $0.processes.activity[2] ?? [] }.map(\.user).reduce(0, +)
    #expect(ticks == 8999 * 30 + 8999 % 7)
  }

  @Test func theOldestBlocksAreRemovedAndTheFileShrinks() throws {
    let store = try HistoryStore(path: path)
    let small: Int64 = 1 << 20
    var window = Window.test()
    var recording = Recording()
    var random = SplitMix(state: 1)
    var sizes: [Int64] = []
    for second in 0..<3000 {
      let processes = (1...200).map { pid in
        Process(pid: Int32(pid), user: UInt64(second) * 50 + random.next() % 50)
      }
      recording.add(window.add(.at(Double(second), processes)))
      guard second % 20 == 19 else { continue }
      try store.write(
        recording.batch,
        limit: small)
      recording.settle()
      sizes.append(bytesOnDisk())
    }
    // One batch more, since the log grows before its pages are moved into the file.
    #expect(try #require(sizes.max()) <= small + 128 << 10)
    #expect(try #require(try archive().range()?.lowerBound) > 1_700_000_000_000)
    #expect(try #require(try archive().range()?.upperBound) == 1_700_002_999_000)
    // A smaller limit takes effect with the next batch.
    try store.write(HistoryBatch(blocks: recording.all, appeared: [], exited: []), limit: 3 << 18)
    try Database(path: path, mode: .readWrite).execute("PRAGMA wal_checkpoint(TRUNCATE)")
    #expect(bytesOnDisk() <= 3 << 18)
  }

  @Test func shortLivedProcessesAreRemovedWithTheirBlocks() throws {
    let store = try HistoryStore(path: path)
    let small: Int64 = 4 << 20
    var window = Window.test()
    var recording = Recording()
    for second in 0..<500 {
      let processes = (0..<100).map { number in
        Process(pid: Int32(2 + number), start: UInt64(1000 + second) * 100, name: "short-lived")
      }
      recording.add(window.add(.at(Double(1000 + second), [Process(pid: 1)] + processes)))
      guard second % 20 == 19 else { continue }
      try store.write(
        recording.batch,
        limit: small)
      recording.settle()
    }
    let database = try Database(path: path, mode: .readOnly)
    let processes = try #require(try database.integer("SELECT count(*) FROM process"))
    #expect(processes < 50_000, "the budget was reached")
    // The rest is as much as fits, not just the newest block.
    #expect(try all(try archive()).count > 3)
    #expect(bytesOnDisk() <= small + 128 << 10)
  }

  private func bytesOnDisk() -> Int64 {
    ["", "-wal"].reduce(0) { $0 + ((try? Files.size(of: path + $1)) ?? 0) }
  }

  @Test func anUnreadableBlockIsAGapUntilItIsThinned() throws {
    let store = try HistoryStore(path: path)
    _ = try record(300, into: store)
    let database = try Database(path: path, mode: .readWrite)
    try database.execute("UPDATE block SET series = x'0512' WHERE id = 2")
    #expect(try all(try archive()).map(\.id) == [1, 3, 4, 5, 6])
    // Hours later.
    var later = Recording(firstNumber: 1000)
    var window = Window.test()
    for second in 20_000..<20_010 { later.add(window.add(.at(Double(second), [Process(pid: 1)]))) }
    try store.write(
      HistoryBatch(blocks: later.all, appeared: later.builder.appeared, exited: []), limit: limit)
    let blocks = try all(try archive())
    #expect(blocks.map(\.resolution) == [.tenSeconds, .sample])
    #expect(blocks.first?.points.map(\.samples).reduce(0, +) == 240)
    #expect(try database.integer("SELECT count(*) FROM block") == 2)
  }

  @Test func machineUseIsStoredPerBlock() throws {
    let store = try HistoryStore(path: path)
    let recording = try record(200, into: store)
    let stored = try #require(try archive().machineUse(before: Int64.max)[.cpu])
    #expect(stored.weight == 199)
    #expect(stored.minimum >= 0)
    #expect(stored.maximum <= 100)
    let open = try #require(recording.all.last)
    let without = try #require(try archive().machineUse(before: open.id)[.cpu])
    #expect(without.weight == Double(199 - open.points.count))
  }

  @Test func aFileOfAnotherProgramIsNotChanged() throws {
    try Database(path: path, mode: .readWrite).execute("CREATE TABLE theirs (x)")
    #expect(throws: HistoryFault.foreign) { try HistoryStore(path: path) }
    #expect(throws: HistoryFault.foreign) { try HistoryArchive(path: path) }
  }

  @Test func aFileOfANewerVersionIsNotChanged() throws {
    _ = try HistoryStore(path: path)
    try Database(path: path, mode: .readWrite).execute("PRAGMA user_version = 99")
    #expect(throws: HistoryFault.newer(99)) { try HistoryStore(path: path) }
    #expect(throws: HistoryFault.newer(99)) { try HistoryArchive(path: path) }
  }
}
