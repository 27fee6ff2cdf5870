import FoundationEssentials
import Linux
import ProcFS
import Testing

@testable import TopServer

/// Makes the history file that `bench/history_bench.py` queries: a year of one host, written by the recording code.
///
/// `TOPSERVER_MAKE_HISTORY` names the folder. It records one day from snapshots, thins it as the recorder does, and
/// writes it repeatedly with other times, since a year of snapshots would take hours.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["TOPSERVER_MAKE_HISTORY"] != nil))
struct HistoryFileMaker {
  private static let days = 365
  private static let limit: Int64 = 256 << 20
  private static let hour: Int64 = 3_600_000
  private static let sleepers: Int32 = 280
  private static let workers: Int32 = 20

  @Test func makeAYear() throws {
    let environment = ProcessInfo.processInfo.environment
    let folder = try #require(environment["TOPSERVER_MAKE_HISTORY"])
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let store = try HistoryStore(path: HistoryWriter.path(in: folder))
    let (blocks, appeared) = recordADay()
    try store.write(HistoryBatch(blocks: [], appeared: appeared, exited: []), limit: Self.limit)

    let hours = try stride(from: 0, to: blocks.count, by: 6).map { first in
      try #require(Thinning.merge(Array(blocks[first..<first + 6]), to: .minute))
    }
    let fine = try blocks.map { try #require(Thinning.merge([$0], to: .tenSeconds)) }
    let end = Instant.now().wall / 1_000_000 / Self.hour * Self.hour
    var number: Int64 = 1
    for day in 1...Self.days {
      let start = end - Int64(Self.days - day + 1) * 24 * Self.hour
      // The newest day is too recent to be thinned to minutes.
      let moved = (day == Self.days ? fine : hours).map { block in
        var moved = block
        moved.id = number
        number += 1
        for index in moved.points.indices { moved.points[index].time += start - Self.origin }
        return moved
      }
      try store.write(HistoryBatch(blocks: moved, appeared: [], exited: []), limit: Self.limit)
    }
    let oldest = try #require(try store.oldest())
    print("series: \(hours[0].columns.count)")
    print("days: \((end - oldest) / (24 * Self.hour))")
    #expect(end - oldest == Int64(Self.days) * 24 * Self.hour)
  }

  /// The hour at which samples of tests begin.
  private static let origin: Int64 = 1_700_000_000_000 / hour * hour + hour

  /// Blocks of ten minutes with a sample every ten seconds, of a host with varying values.
  private func recordADay() -> ([HistoryBlock], [RecordedProcess]) {
    var random = SplitMix(state: 1)
    var window = Window.test()
    var builder = HistoryBuilder(bootID: "boot", firstNumber: 1, interval: .seconds(10))
    var blocks: [HistoryBlock] = []
    var used: [Int32: UInt64] = [:]
    let first = Int(Self.origin / 1000 - 1_700_000_000)
    for second in stride(from: first, to: first + 86_400, by: 10) {
      var processes = (1...Self.sleepers).map { Process(pid: $0) }
      for pid in Self.sleepers + 1...Self.sleepers + Self.workers {
        used[pid, default: 0] += random.next() % 30
        processes.append(Process(pid: pid, user: used[pid] ?? 0))
      }
      // Another short-lived process each time.
      let short = 1000 + Int32(second / 10 % 20_000)
      processes.append(Process(pid: short, start: UInt64(second) * 100, user: 2))
      var snapshot = window.add(
        .at(Double(second), busy: used.values.reduce(0, +), processes))
      snapshot.machine = host(&random)
      if let ended = builder.add(snapshot) { blocks.append(ended) }
    }
    if let last = builder.endRun() { blocks.append(last) }
    return (blocks, builder.appeared)
  }

  private func host(_ random: inout SplitMix) -> MachineUse {
    func number(_ range: Range<Double>) -> Double { Double.random(in: range, using: &random) }
    func bytes(_ range: Range<UInt64>) -> UInt64 { UInt64.random(in: range, using: &random) }
    var host = MachineUse()
    var memory = MemInfo(total: 16 << 30, available: bytes(1 << 30..<2 << 30))
    memory.free = bytes(1 << 28..<1 << 29)
    memory.buffers = bytes(1 << 26..<1 << 27)
    memory.cached = bytes(1 << 30..<1 << 31)
    memory.active = bytes(1 << 30..<1 << 31)
    memory.inactive = bytes(1 << 30..<1 << 31)
    host.memory = MemoryUse(memory)
    host.swap = SwapUse(total: 1 << 32, free: bytes(1 << 31..<1 << 32))
    host.load = LoadAverage(one: number(0..<4), five: number(1..<3), fifteen: number(1..<2))
    let disks = ["vda", "vdb", "vdc"].map { name in
      DiskUse(
        name: name, readBytesPerSecond: number(0..<1e6), writeBytesPerSecond: number(0..<1e7),
        readsPerSecond: number(0..<100), writesPerSecond: number(0..<400), busyShare: number(0..<1))
    }
    host.disks = disks
    host.diskTotal = disks[0]
    host.fileSystems = ["/", "/srv"].map { mountPoint in
      FileSystemUse(
        mountPoint: mountPoint, device: "/dev/vda1", type: "ext4", total: 1 << 38,
        used: bytes(1 << 36..<1 << 36 + 1 << 20), available: 1 << 37, isStalled: false)
    }
    let interfaces = ["lo", "eth0", "eth1"].map { name in
      InterfaceUse(
        name: name, receiveBytesPerSecond: number(0..<1e6), transmitBytesPerSecond: number(0..<1e6),
        receivePacketsPerSecond: number(0..<2000), transmitPacketsPerSecond: number(0..<2000),
        receiveErrorsPerSecond: 0, transmitErrorsPerSecond: 0, receiveDropsPerSecond: 0,
        transmitDropsPerSecond: 0)
    }
    host.network = interfaces
    host.networkTotal = interfaces[1]
    func line() -> PressureLine {
      PressureLine(
        average10: number(0..<0.2), average60: number(0..<0.1), average300: number(0..<0.1),
        recent: number(0..<0.3))
    }
    func lines() -> PressureLines { PressureLines(some: line(), full: line()) }
    host.pressure = PressureUse(cpu: lines(), memory: lines(), io: lines())
    return host
  }
}
