import Linux
import Logging
import ProcFS
import SQLite
import TestSupport
import Testing

@testable import TopServer

/// What occupies the history file, and what is removed when it reaches its limit.
@Suite struct HistoryLimitTests {
  private let folder: TemporaryFolder
  private var path: String { HistoryWriter.path(in: folder.path) }
  private let limit: Int64 = 4 << 20

  init() throws { folder = try TemporaryFolder() }

  /// A minute in which each series has incompressible values.
  private func block(_ id: Int64, _ names: [String], random: inout SplitMix) -> HistoryBlock {
    var block = HistoryBlock(id: id, resolution: .sample)
    for second in 0..<60 as Range<Int64> {
      block.points.append(
        HistoryPoint(
          time: 1_700_000_040_000 + id * 60_000 + second * 1000, elapsed: 1_000_000))
    }
    for name in names {
      block.columns[.whole(name)] = SeriesColumn(
        average: (0..<60).map { _ in Int64(random.next() % 1_000_000_000) })
    }
    return block
  }

  private func interface(_ name: String) -> [String] {
    ["receive_bytes", "transmit_bytes"].map { "network.\(name).\($0)_per_second" }
  }

  private func batch(
    _ blocks: [HistoryBlock], appeared: [RecordedProcess] = [], ended: Bool = false
  )
    -> HistoryBatch
  {
    HistoryBatch(
      blocks: blocks, appeared: appeared,
      exited: ended
        ? appeared.map {
          ExitedProcess(process: $0.reference, time: blocks.last?.last ?? 0, block: blocks[0].id)
        } : [])
  }

  private func process(_ reference: Int64) -> RecordedProcess {
    RecordedProcess(
      reference: reference, identity: .init(pid: Int32(reference % 30_000), startTicks: 5),
      bootID: "8c5f1a34-0000-4000-8000-000000000001", startTime: 1_700_000_000_000,
      name: "short-lived", uid: 1000, parentPID: 1, isKernelThread: false)
  }

  private var bytesOnDisk: Int64 { HistoryStore.size(of: path) }

  private func names() throws -> [Int64: Series] { try HistoryArchive(path: path).series() }

  private func count(_ table: String) throws -> Int64 {
    try Database(path: path, mode: .readOnly).integer("SELECT count(*) FROM \(table)") ?? -1
  }

  // MARK: - Series

  @Test func aNameIsDeletedWithTheLastBlockThatUsesIt() throws {
    let store = try HistoryStore(path: path)
    var random = SplitMix(state: 1)
    var usual = (0..<400).map { "cpu.part\($0)" }
    try store.write(batch([block(1, usual + interface("old"), random: &random)]), limit: limit)
    // The name with the greatest number is always kept.
    usual.append("cpu.part400")
    try store.write(batch([block(2, usual, random: &random)]), limit: limit)
    #expect(try names().values.contains { $0.name.hasPrefix("network.old.") })
    for id in 3..<100 as Range<Int64> {
      try store.write(batch([block(id, usual, random: &random)]), limit: limit)
      #expect(bytesOnDisk <= limit)
    }
    #expect(try count("block") > 10)
    #expect(try HistoryArchive(path: path).range()?.lowerBound ?? 0 > 1_700_000_200_000)
    #expect(try Set(names().values.map(\.name)) == Set(usual))
  }

  @Test func aNameThatIsUsedAgainIsKept() throws {
    var random = SplitMix(state: 2)
    let usual = (0..<400).map { "cpu.part\($0)" }
    for id in 1..<100 as Range<Int64> {
      // Reopen the file each time, as after a restart; the disk is present every tenth minute.
      let store = try HistoryStore(path: path)
      let names = usual + (id % 10 == 0 ? ["disks.sdb.busy_percent"] : [])
      try store.write(batch([block(id, names, random: &random)]), limit: limit)
    }
    let archive = try HistoryArchive(path: path)
    let series = try names().filter { $0.value.name == "disks.sdb.busy_percent" }
    #expect(series.count == 1)
    let blocks = try archive.blocks(from: 0, to: .max, series: series, processes: false)
    #expect(blocks.first?.id ?? 0 > 1)
    for block in blocks { #expect(block.columns.isEmpty == (block.id % 10 != 0)) }
    #expect(blocks.contains { !$0.columns.isEmpty })
  }

  @Test func theNewestNamesAreRemembered() throws {
    let store = try HistoryStore(path: path)
    var random = SplitMix(state: 3)
    let most = SeriesKind.mostRemembered
    var numbers: [Int64: String] = [:]
    for id in 1...60 as ClosedRange<Int64> {
      let come = (0..<20).map { "veth\(id)x\($0)" }
      let names = ["cpu.busy_percent"] + interface("eth0") + come.flatMap(interface)
      try store.write(batch([block(id, names, random: &random)]), limit: 64 << 20)
      for (number, series) in try self.names() {
        #expect(numbers[number] ?? series.name == series.name, "a number has one name forever")
        numbers[number] = series.name
      }
    }
    let things = try Set(names().values.compactMap { SeriesKind.thing(of: $0.name)?.name })
    #expect(things.count == most)
    #expect(things.contains("eth0") && things.contains("veth60x19"))
    #expect(!things.contains("veth1x0"))
    #expect(try names().values.contains { $0.name == "cpu.busy_percent" })
    // No other data was removed for them, and remembered names are readable.
    #expect(try count("block") == 60)
    let series = try names().filter { $0.value.name == "network.eth0.receive_bytes_per_second" }
    let blocks = try HistoryArchive(path: path).blocks(
      from: 0, to: .max, series: series, processes: false)
    #expect(blocks.filter { !$0.columns.isEmpty }.count == 60)
  }

  @Test func aFileFullOfNamesKeepsItsBlocks() throws {
    var random = SplitMix(state: 4)
    var store: HistoryStore? = try HistoryStore(path: path)
    let usual = ["cpu.busy_percent"] + interface("eth0")
    for id in 1...20 as ClosedRange<Int64> {
      try store?.write(batch([block(id, usual, random: &random)]), limit: limit)
    }
    store = nil
    // An earlier version deleted no names and did not store when a name was last used.
    do {
      let database = try Database(path: path, mode: .readWrite)
      try database.transaction {
        for number in 0..<50_000 {
          for name in interface("veth\(number)") {
            try database.run(
              "INSERT INTO series (name, scale) VALUES (?, 1)", .text(name))
          }
        }
      }
      try database.execute("UPDATE series SET ended = NULL")
      #expect(try database.emptyLog(patience: .zero))
    }
    #expect(bytesOnDisk > limit)
    store = try HistoryStore(path: path)
    // The first sample of a run has no rates, so nothing shows yet that the interface still exists.
    try store?.write(batch([block(21, ["cpu.busy_percent"], random: &random)]), limit: limit)
    try store?.write(batch([block(21, usual, random: &random)]), limit: limit)
    try store?.write(batch([block(22, usual, random: &random)]), limit: limit)
    #expect(bytesOnDisk <= limit)
    #expect(try count("block") == 22)
    #expect(try count("series") <= Int64(2 * SeriesKind.mostRemembered + 8))
    let series = try names().filter { usual.contains($0.value.name) }
    let blocks = try HistoryArchive(path: path).blocks(
      from: 0, to: .max, series: series, processes: false)
    #expect(blocks.allSatisfy { $0.columns.count == 3 })
  }

  @Test func aRunThatHasJustBegunEndsNoSeries() throws {
    var random = SplitMix(state: 13)
    let usual = ["cpu_count", "cpu.busy_percent"] + interface("eth0")
    try HistoryStore(path: path).write(batch([block(1, usual, random: &random)]), limit: limit)
    let store = try HistoryStore(path: path)
    let ended = "series WHERE ended IS NOT NULL"
    try store.write(batch([block(2, ["cpu_count"], random: &random)]), limit: limit)
    #expect(try count(ended) == 0)
    try store.write(batch([block(2, Array(usual.prefix(2)), random: &random)]), limit: limit)
    try store.write(batch([block(3, ["cpu_count"], random: &random)]), limit: limit)
    #expect(try count(ended) == 2)
    try store.write(batch([block(3, usual, random: &random)]), limit: limit)
    #expect(try count(ended) == 0)
  }

  @Test func longNamesUseAnEighthOfTheLimit() throws {
    let store = try HistoryStore(path: path)
    var random = SplitMix(state: 5)
    for id in 1...40 as ClosedRange<Int64> {
      let mounts = (0..<20).map { number in
        "file_systems./mnt/\(id)/\(number)/\(String(repeating: "x", count: 230)).used_percent"
      }
      try store.write(batch([block(id, mounts, random: &random)]), limit: 1 << 20)
    }
    let bytes = try names().values.reduce(0) { $0 + 2 * $1.name.utf8.count + 40 }
    #expect(bytes <= 1 << 17)
    #expect(bytes > 1 << 16)
  }

  // MARK: - Processes

  @Test func exitedProcessesAreRemovedBeforeBlocks() throws {
    let store = try HistoryStore(path: path)
    var random = SplitMix(state: 6)
    let usual = (0..<50).map { "cpu.part\($0)" }
    var reference: Int64 = 1000
    for id in 1...40 as ClosedRange<Int64> {
      let appeared = (0..<2000).map { process(reference + $0) }
      reference += 2000
      var block = block(id, usual, random: &random)
      block.processes.born = appeared.map {
        .init(point: 1, process: $0.reference, state: .running)
      }
      block.processes.ended = appeared.map { .init(point: 2, process: $0.reference) }
      try store.write(batch([block], appeared: appeared, ended: true), limit: limit)
      #expect(bytesOnDisk <= limit)
    }
    #expect(try count("block") == 40)
    let left = try count("process")
    #expect(left < 30_000 && left > 5_000)
    // The processes that exited last are kept.
    #expect(try HistoryArchive(path: path).process(reference - 1) != nil)
    #expect(try HistoryArchive(path: path).process(1000) == nil)
  }

  @Test func oneMinuteOfManyShortProcessesFits() throws {
    let store = try HistoryStore(path: path)
    var random = SplitMix(state: 7)
    for round in 1...3 as ClosedRange<Int64> {
      let appeared = (0..<60_000).map { process(round * 1_000_000 + $0) }
      let block = block(1, ["cpu.busy_percent"], random: &random)
      try store.write(batch([block], appeared: appeared, ended: true), limit: limit)
      #expect(bytesOnDisk <= limit + 512 << 10)
    }
    #expect(try count("block") == 1)
    #expect(try count("process") < 30_000)
  }

  @Test func aLimitBelowTheCurrentDataIsAFault() throws {
    let store = try HistoryStore(path: path)
    var random = SplitMix(state: 8)
    let appeared = (0..<60_000).map { process(1000 + $0) }
    #expect(throws: HistoryFault.limitTooSmall(limit: limit)) {
      try store.write(
        batch([block(1, ["cpu.busy_percent"], random: &random)], appeared: appeared), limit: limit)
    }
    #expect(bytesOnDisk <= limit + 512 << 10)
  }

  // MARK: - An hour in one batch

  @Test func aBatchOfAnHourIsWrittenInParts() throws {
    let store = try HistoryStore(path: path)
    var random = SplitMix(state: 9)
    let usual = (0..<200).map { "cpu.part\($0)" }
    let blocks = (1...60 as ClosedRange<Int64>).map { block($0, usual, random: &random) }
    let appeared = (0..<5000).map { process(1000 + $0) }
    let batch = batch(blocks, appeared: appeared, ended: true)
    let parts = batch.parts
    #expect(parts.count > 5)
    #expect(parts.flatMap(\.blocks) == blocks)
    #expect(parts.flatMap(\.appeared) == appeared)
    #expect(parts.flatMap(\.exited) == batch.exited)
    #expect(parts.allSatisfy { $0.appeared.count == $0.exited.count })
    #expect(parts.allSatisfy { $0.blocks.count <= 30 && $0.appeared.count <= 2048 })
    try store.write(batch, limit: limit)
    #expect(bytesOnDisk <= limit)
    let archive = try HistoryArchive(path: path)
    #expect(try archive.range()?.upperBound == blocks.last?.last)
    #expect(try archive.process(5999) == appeared.last)
  }

  @Test func aSmallBatchIsOnePart() {
    var random = SplitMix(state: 10)
    let batch = batch(
      [block(1, ["cpu.busy_percent"], random: &random)], appeared: [process(1)], ended: true)
    #expect(batch.parts.count == 1)
    #expect(HistoryBatch(blocks: [], appeared: [], exited: []).parts.count == 1)
  }

  // MARK: - Readers

  @Test func aBlockingReaderStopsTheWriterAtTheLimit() async throws {
    let limit = limit
    let writer = HistoryWriter(
      folder: folder.path, limit: limit, patience: .zero,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    _ = await writer.firstNumber(atLeast: 1)
    var random = SplitMix(state: 11)
    let usual = (0..<200).map { "cpu.part\($0)" }
    var id: Int64 = 1
    func next() -> HistoryBatch {
      defer { id += 1 }
      return batch([block(id, usual, random: &random)])
    }
    #expect(await writer.write(next()).fault == nil)
    let reader = try Database(path: path, mode: .readOnly)
    try reader.execute("BEGIN; SELECT count(*) FROM block")
    var outcome = await writer.write(next())
    while outcome.fault == nil && id < 1000 { outcome = await writer.write(next()) }
    let fault = try #require(outcome.fault)
    for part in ["another program", "read transaction", "--history-limit", path] {
      #expect(fault.contains(part))
    }
    #expect(outcome.size == bytesOnDisk)
    for _ in 0..<5 {
      #expect(await writer.write(next()).fault == fault)
      #expect(bytesOnDisk <= limit)
    }
    #expect(bytesOnDisk > limit / 2)
    try reader.execute("COMMIT")
    let again = await writer.write(next())
    #expect(again.fault == nil)
    #expect(again.generation == outcome.generation, "readers need not open the file anew")
    #expect(bytesOnDisk <= limit)
  }

  // MARK: - Permissions

  @Test func onlyTheOwnerMayReadTheFiles() async throws {
    let path = HistoryWriter.path(in: folder.path)
    // The files of an earlier version, with a log that a killed run left behind.
    do { _ = try HistoryStore(path: path) }
    try folder.write("", to: "history.lock")
    let open = try Database(path: path, mode: .readWrite)
    try open.execute("CREATE TABLE left_over (x TEXT) STRICT; DROP TABLE left_over")
    let before = try Files.permissions(of: path)
    #expect(before & 0o077 != 0, "or this test says nothing")
    let writer = HistoryWriter(
      folder: folder.path, limit: limit,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    var random = SplitMix(state: 12)
    let block = block(1, ["cpu.busy_percent"], random: &random)
    #expect(await writer.write(batch([block])).fault == nil)
    for name in try Files.names(in: folder.path) {
      #expect(try Files.permissions(of: "\(folder.path)/\(name)") == 0o600, "\(name)")
    }
    #expect(try Files.names(in: folder.path).count == 4)
    withExtendedLifetime(open) {}
  }
}
