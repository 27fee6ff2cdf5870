import Linux
import SQLite
import TestSupport
import Testing

@testable import TopServer

@Suite struct HostBlockStoreTests {
  private let folder: TemporaryFolder
  private let store: HistoryStore
  private var path: String { HistoryWriter.path(in: folder.path) }
  private let limit: Int64 = 256 << 20
  /// All but 64 KiB of it is for the log.
  private let small: Int64 = 9 << 16

  init() throws {
    folder = try TemporaryFolder()
    store = try HistoryStore(path: HistoryWriter.path(in: folder.path))
  }

  /// Packs a host's samples and writes them, as a recorder would.
  private func write(
    _ numbers: ClosedRange<UInt64>, of host: TestHost = TestHost(), limit: Int64? = nil
  ) throws {
    var memory = FleetMemory(hasFile: true)
    var first = numbers.lowerBound
    while first <= numbers.upperBound {
      let last = min(first + 599, numbers.upperBound)
      host.give(first...last, to: &memory)
      memory.pack(all: true, second: last)
      first = last + 1
    }
    try store.write(batch(memory.waiting(most: .max)), limit: limit ?? self.limit)
  }

  private func batch(_ blocks: [FleetBlock]) -> HistoryBatch {
    HistoryBatch(blocks: [], appeared: [], exited: [], fleet: blocks)
  }

  /// Advances the time of the file with blocks of this host.
  private func age(to second: UInt64, batches: Int = 1, limit: Int64? = nil) throws {
    var block = HistoryBlock(id: 1, resolution: .sample)
    block.points = [
      HistoryPoint(time: TestHost.start + Int64(second) * 1000, elapsed: 1_000_000)
    ]
    for _ in 0..<batches {
      try store.write(
        HistoryBatch(blocks: [block], appeared: [], exited: []), limit: limit ?? self.limit)
    }
  }

  private func blocks(of host: String = "web-1", from: Int64 = 0, to: Int64 = 4_000_000_000_000)
    throws -> [HistoryBlock]?
  {
    try HistoryArchive(path: path).fleetBlocks(
      of: host, from: from, to: to, series: FleetSeries.all)
  }

  @Test func writtenBlocksAreReadBack() throws {
    try write(1...150)
    let found = try #require(try blocks())
    #expect(found.flatMap { $0.points.map(\.time) } == (1...150).map { TestHost.point($0).time })
    #expect(try blocks(of: "web-2") == nil)
    #expect(try HistoryArchive(path: path).hosts() == ["web-1"])
    let start = TestHost.start
    let part = try #require(try blocks(from: start + 61_000, to: start + 119_000))
    #expect(part.map(\.points.count) == [60])
  }

  @Test func lateSamplesJoinTheirMinuteWithoutDuplicates() throws {
    try write(1...40)
    try write(100...130)
    try write(30...110)
    let found = try #require(try blocks())
    #expect(found.flatMap { $0.points.map(\.time) } == (1...130).map { TestHost.point($0).time })
  }

  @Test func hostsAreStoredSeparately() throws {
    for name in ["c", "a", "b"] { try write(1...61, of: TestHost(name: name)) }
    #expect(try HistoryArchive(path: path).hosts() == ["c", "a", "b"])
    for name in ["a", "b", "c"] {
      #expect(try blocks(of: name)?.map(\.points.count) == [59, 2])
    }
  }

  @Test func oldMinutesAreThinnedAndKeepASpike() throws {
    try write(1...3600)
    try age(to: 3 * 3600, batches: 20)
    let found = try #require(try blocks())
    // The first minute belongs to a span of ten that began before it.
    #expect(found.allSatisfy { $0.resolution == .tenSeconds })
    #expect(found.flatMap(\.points).map(\.samples).reduce(0, +) == 3600)
    let busy = found.compactMap { $0.columns[FleetSeries.busy.series] }
    let sent = (1...3600 as ClosedRange<UInt64>).map { (TestHost.busy($0) * 100).rounded() }
    #expect(busy.flatMap(\.maximum).compactMap(\.self).max().map(Double.init) == sent.max())
    #expect(busy.flatMap(\.minimum).compactMap(\.self).min().map(Double.init) == sent.min())
    try age(to: 30 * 3600, batches: 20)
    let coarse = try #require(try blocks())
    #expect(coarse.allSatisfy { $0.resolution == .minute })
    #expect(coarse.flatMap(\.points).map(\.samples).reduce(0, +) == 3600)
  }

  @Test func lateSamplesJoinTheThinnedBlock() throws {
    try write(1...100)
    try age(to: 2 * 3600, batches: 5)
    try write(101...200)
    try age(to: 2 * 3600, batches: 5)
    let found = try #require(try blocks())
    #expect(found.allSatisfy { $0.resolution == .tenSeconds })
    #expect(found.flatMap(\.points).map(\.samples).reduce(0, +) == 200)
    #expect(Set(found.flatMap { $0.points.map(\.time) }).count == found.flatMap(\.points).count)
  }

  @Test func theOldestBlocksOfTheFleetAreRemovedFirst() throws {
    try age(to: 0)
    for round in 0..<20 as Range<UInt64> {
      for number in 0..<8 {
        try write(
          round * 600 + 1...round * 600 + 600, of: TestHost(name: "host-\(number)"), limit: small)
      }
    }
    let size = try ["", "-wal"].reduce(Int64(0)) { $0 + (try Files.size(of: path + $1)) }
    #expect(size <= small + 256 << 10)
    let found = try #require(try blocks(of: "host-7"))
    #expect(found.last?.last == TestHost.point(12_000).time)
    #expect(try #require(found.first).first > TestHost.start + 600_000)
    // This host's own block is older than all of them, and stays.
    #expect(try HistoryArchive(path: path).range()?.lowerBound == TestHost.start)
  }

  @Test func aHostWithoutBlocksIsForgotten() throws {
    try write(1...60, of: TestHost(name: "old"))
    for number in 0..<60 {
      try write(7201...8400, of: TestHost(name: "host-\(number)"), limit: small)
    }
    #expect(try blocks(of: "old") == nil)
    let hosts = try HistoryArchive(path: path).hosts()
    #expect(hosts.contains("host-59") && hosts.count <= 60)
    for host in hosts { #expect(try blocks(of: host)?.isEmpty == false, "\(host)") }
  }

  @Test func aFileOfTheFirstVersionHasNoHosts() throws {
    let old = "\(folder.path)/old.db"
    let database = try Database(path: old, mode: .readWrite)
    try database.execute("PRAGMA application_id = \(HistorySchema.applicationID)")
    try database.execute("PRAGMA user_version = 1")
    #expect(try HistoryArchive(path: old).hosts().isEmpty)
    #expect(
      try HistoryArchive(path: old).fleetBlocks(of: "a", from: 0, to: 1, series: [:]) == nil)
  }
}
