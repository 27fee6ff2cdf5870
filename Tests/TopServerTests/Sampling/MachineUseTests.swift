import Linux
import ProcFS
import Testing

@testable import TopServer

@Suite struct MachineUseTests {
  private func use(
    _ now: MachineCounters, since before: MachineCounters? = nil, seconds: Double = 0
  )
    -> MachineUse
  {
    MachineUse(now, since: before, seconds: seconds)
  }

  // MARK: - Levels

  @Test func whatTheKernelDoesNotShowIsAbsent() {
    #expect(use(MachineCounters()) == MachineUse())
    #expect(MachineUse().fileSystemUsedShare == nil)
  }

  @Test func memoryAndSwap() throws {
    let host = use(
      .test(
        memory: """
          MemTotal: 1000 kB
          MemFree: 200 kB
          MemAvailable: 600 kB
          Buffers: 10 kB
          Cached: 20 kB
          Active: 30 kB
          Inactive: 40 kB
          Shmem: 5 kB
          SReclaimable: 6 kB
          SwapTotal: 400 kB
          SwapFree: 300 kB
          """, load: "0.5 1.25 2 1/2 3", uptime: "12.5 3"))
    let memory = try #require(host.memory)
    #expect(memory.used == 400 << 10)
    #expect(memory.usedShare == 0.4)
    #expect(memory.info.shmem == 5 << 10 && memory.info.sReclaimable == 6 << 10)
    #expect(host.swap == SwapUse(total: 400 << 10, free: 300 << 10))
    #expect(host.swap?.usedShare == 0.25)
    #expect(host.load == LoadAverage(one: 0.5, five: 1.25, fifteen: 2))
    #expect(host.uptime == 12.5)
  }

  @Test func impossibleSharesAreZero() {
    #expect(SwapUse(total: 0, free: 0).usedShare == 0)
    #expect(SwapUse(total: 5, free: 9).used == 0)
    let host = use(.test(memory: "MemTotal: 10 kB\nMemAvailable: 900 kB\n"))
    #expect(host.memory?.usedShare == 0)
    #expect(use(.test(memory: "MemTotal: 0 kB\n")).memory?.usedShare == 0)
  }

  @Test func fileSystems() {
    func mounted(_ path: String, _ space: FileSystemSpace?, stalled: Bool = false)
      -> FileSystemCounters
    {
      .init(mountPoint: path, device: "d", type: "t", space: space, isStalled: stalled)
    }
    let host = use(
      .test(fileSystems: [
        mounted("/", .init(total: 100, used: 30, available: 60)),
        mounted("/far", .init(total: 400, used: 310, available: 0), stalled: true),
        mounted("/new", nil, stalled: true),
        mounted("/huge", .init(total: .max, used: .max, available: .max)),
      ]))
    // As df: what is kept for root counts neither as used nor as usable.
    #expect(host.fileSystems.map(\.usedShare) == [30.0 / 90, 1, 0, 0.5])
    #expect(host.fileSystems.map(\.isStalled) == [false, true, true, false])
    #expect(host.fileSystems.map(\.total) == [100, 400, 0, .max])
    var some = host
    some.fileSystems.removeLast()
    #expect(some.fileSystemUsedShare == 340.0 / 400)
    // A read-only file system does not fill up.
    some.fileSystems[1].isReadOnly = true
    #expect(some.fileSystemUsedShare == 30.0 / 90)
    some.fileSystems[0].isReadOnly = true
    some.fileSystems[2].isReadOnly = true
    #expect(some.fileSystemUsedShare == nil)
  }

  // MARK: - Rates

  @Test func theFirstSweepHasNoRates() {
    let now = MachineCounters.test(
      disks: diskLine("sda", reads: 5),
      network: interfaceLine("eth0", [1, 1, 1, 1], [1, 1, 1, 1]),
      pressure: "some avg10=5.00 avg60=2.00 avg300=1.00 total=7\n")
    let none: [(MachineCounters?, Double)] = [(nil, 1), (now, 0)]
    for (before, seconds) in none {
      let host = use(now, since: before, seconds: seconds)
      #expect(host.disks == [] && host.diskTotal == nil)
      #expect(host.network == [] && host.networkTotal == nil)
      #expect(host.diskCounters?.readCount == 5)
      #expect(host.pressure?.cpu?.some.average10 == 0.05)
      #expect(host.pressure?.cpu?.some.recent == nil)
      #expect(host.pressure?.cpu?.full == nil)
    }
  }

  @Test func diskRatesAreDividedByTheMeasuredTime() throws {
    let before = MachineCounters.test(
      disks: diskLine("sda", reads: 10, readSectors: 100, writes: 5, writtenSectors: 8)
        + diskLine("dm-0", reads: 10, readSectors: 100))
    let now = MachineCounters.test(
      disks: diskLine(
        "sda", reads: 30, readSectors: 2100, writes: 5, writtenSectors: 408, busyMilliseconds: 500)
        + diskLine("dm-0", reads: 20, readSectors: 2100, busyMilliseconds: 2040))
    let host = use(now, since: before, seconds: 2)
    let sda = try #require(host.disks.first)
    #expect(
      sda
        == DiskUse(
          name: "sda", readBytesPerSecond: 512_000, writeBytesPerSecond: 102_400,
          readsPerSecond: 10, writesPerSecond: 0, busyShare: 0.25))
    #expect(host.disks.map(\.busyShare) == [0.25, 1])
    // What dm-0 did, sda did: it counts once.
    var total = sda
    total.name = "total"
    #expect(host.diskTotal == total)
    #expect(
      host.diskCounters
        == DiskCounters(readCount: 30, writeCount: 5, readBytes: 2100 * 512, writeBytes: 408 * 512))
  }

  @Test func theTotalIsAsBusyAsTheBusiestDisk() {
    let before = MachineCounters.test(disks: diskLine("sda") + diskLine("sdb"))
    let now = MachineCounters.test(
      disks: diskLine("sda", writes: 3, busyMilliseconds: 400)
        + diskLine("sdb", writes: 4, busyMilliseconds: 700))
    let total = use(now, since: before, seconds: 1).diskTotal
    #expect(total?.writesPerSecond == 7)
    #expect(total?.busyShare == 0.7)
  }

  @Test func aRecreatedDiskOrInterfaceHasNoRates() throws {
    let before = MachineCounters.test(
      disks: diskLine("sda", reads: 100, readSectors: 100, writes: 1)
        + diskLine("sdb", reads: 100),
      network: interfaceLine("eth0", [9, 9, 9, 9], [9, 9, 9, 9])
        + interfaceLine("eth1", [0, 0, 9, 9], [0, 0, 9, 9]),
      pressure: "some avg10=0 avg60=0 avg300=0 total=50\n")
    let now = MachineCounters.test(
      disks: diskLine("sda", reads: 1, readSectors: 1, writes: 3) + diskLine("sdb", reads: 101),
      network: interfaceLine("eth0", [10, 0, 0, 0], [0, 0, 0, 0])
        + interfaceLine("eth1", [10, 0, 9, 7], [0, 0, 9, 9]),
      pressure: "some avg10=0 avg60=0 avg300=0 total=40\n")
    let host = use(now, since: before, seconds: 1)
    let disk = try #require(host.disks.first)
    #expect(disk.readsPerSecond == nil && disk.readBytesPerSecond == nil)
    #expect(disk.writesPerSecond == nil)
    #expect(host.disks[1].readsPerSecond == 1 && host.diskTotal?.readsPerSecond == nil)
    let interface = try #require(host.network.first)
    #expect(interface.receiveBytesPerSecond == nil && interface.receivePacketsPerSecond == nil)
    // Drops are summed up from several sources, and one that falls says nothing of the others.
    #expect(host.network[1].receiveBytesPerSecond == 10)
    #expect(host.network[1].receiveDropsPerSecond == nil)
    #expect(host.networkTotal?.receiveBytesPerSecond == nil)
    #expect(host.pressure?.io?.some.recent == nil)
  }

  @Test func countersThatLeapAreNotKnown() throws {
    let before = MachineCounters.test(
      disks: diskLine("sda"), network: interfaceLine("eth0", [0, 0, 0, 0], [0, 0, 0, 0]),
      pressure: "some avg10=0 avg60=0 avg300=0 total=0\n")
    let now = MachineCounters.test(
      disks: diskLine(
        "sda", reads: 4_000_000_000, readSectors: 1 << 40, writes: 5, writtenSectors: 8,
        busyMilliseconds: 2200),
      network: interfaceLine("eth0", [1 << 62, 1 << 32, 1 << 32, 3], [9, 9, 9, 9]),
      pressure: "some avg10=0 avg60=0 avg300=0 total=2300000\n")
    let host = use(now, since: before, seconds: 2)
    let disk = try #require(host.disks.first)
    #expect(disk.readsPerSecond == nil && disk.readBytesPerSecond == nil && disk.busyShare == nil)
    #expect(disk.writesPerSecond == 2.5 && disk.writeBytesPerSecond == 2048)
    let interface = try #require(host.network.first)
    #expect(interface.receiveBytesPerSecond == nil && interface.receivePacketsPerSecond == nil)
    #expect(interface.receiveErrorsPerSecond == nil && interface.receiveDropsPerSecond == 1.5)
    #expect(interface.transmitBytesPerSecond == 4.5)
    #expect(host.pressure?.cpu?.some.recent == nil)
  }

  @Test func aDisksBusyTimeMayWrapAround() {
    let before = MachineCounters.test(disks: diskLine("sda", busyMilliseconds: (1 << 32) - 300))
    let now = MachineCounters.test(disks: diskLine("sda", busyMilliseconds: 200))
    #expect(use(now, since: before, seconds: 1).disks.first?.busyShare == 0.5)
    #expect(use(now, since: before, seconds: 0.2).disks.first?.busyShare == nil)
  }

  /// 2^64 - 1 is a counter that fell below zero.
  @Test func countersBelowZeroHaveNoRate() {
    let most = UInt64.max
    let now = MachineCounters.test(
      disks: diskLine("a", reads: most) + diskLine("b", reads: 5),
      network: interfaceLine("e", [most, 0, 0, 0], [0, 0, 0, 0])
        + interfaceLine("f", [1, 0, 0, 0], [0, 0, 0, 0]))
    #expect(now.disks?.map(\.name) == ["a", "b"] && now.network?.map(\.name) == ["e", "f"])
    let before = MachineCounters.test(
      disks: diskLine("a", reads: 3) + diskLine("b"),
      network: interfaceLine("e", [7, 0, 0, 0], [0, 0, 0, 0])
        + interfaceLine("f", [0, 0, 0, 0], [0, 0, 0, 0]))
    let spoiled = use(now, since: before, seconds: 1)
    #expect(spoiled.disks.first?.readsPerSecond == nil && spoiled.disks.last?.readsPerSecond == 5)
    #expect(spoiled.network.map(\.receiveBytesPerSecond) == [nil, 1])
    #expect(spoiled.networkTotal?.receiveBytesPerSecond == nil)
    // When they are back they have no past.
    let back = use(before, since: now, seconds: 1)
    #expect(back.disks.first?.readsPerSecond == nil)
    #expect(back.network.first?.receiveBytesPerSecond == nil)
    #expect(now.pressure.cpu == nil)
    let broken = "some avg10=0 avg60=0 avg300=0 total=\(most)\n"
    #expect(MachineCounters.test(pressure: broken).pressure.cpu == nil)
  }

  @Test func newDisksAndInterfacesHaveNoRates() {
    func counters(_ names: [String], _ count: UInt64) -> MachineCounters {
      .test(
        disks: names.map { diskLine($0, reads: count) }.joined(),
        network: names.map { interfaceLine($0, [count, 0, 0, 0], [0, 0, 0, 0]) }.joined())
    }
    let host = use(
      counters(["b", "new", "a"], 30), since: counters(["a", "b", "gone"], 10), seconds: 1)
    #expect(host.disks.map(\.name) == ["b", "a"])
    #expect(host.disks.map(\.readsPerSecond) == [20, 20])
    #expect(host.diskTotal?.readsPerSecond == 40)
    #expect(host.network.map(\.name) == ["b", "a"])
  }

  @Test func networkRatesAreDividedByTheMeasuredTime() throws {
    let before = MachineCounters.test(
      network: interfaceLine("lo", [0, 0, 0, 0], [0, 0, 0, 0])
        + interfaceLine("eth0", [100, 10, 1, 2], [200, 20, 3, 4])
        + interfaceLine("eth1", [0, 0, 0, 0], [0, 0, 0, 0]))
    let now = MachineCounters.test(
      network: interfaceLine("lo", [900, 9, 0, 0], [900, 9, 0, 0])
        + interfaceLine("eth0", [500, 14, 5, 10], [1000, 28, 7, 8])
        + interfaceLine("eth1", [40, 0, 0, 0], [0, 0, 0, 4]))
    let host = use(now, since: before, seconds: 4)
    #expect(host.network.map(\.name) == ["lo", "eth0", "eth1"])
    #expect(
      host.networkTotal
        == InterfaceUse(
          name: "total", receiveBytesPerSecond: 110, transmitBytesPerSecond: 200,
          receivePacketsPerSecond: 1, transmitPacketsPerSecond: 2, receiveErrorsPerSecond: 1,
          transmitErrorsPerSecond: 1, receiveDropsPerSecond: 2, transmitDropsPerSecond: 2))
  }

  @Test func pressureOfTheIntervalIsExact() throws {
    let before = MachineCounters.test(
      pressure:
        "some avg10=0 avg60=0 avg300=0 total=1000000\nfull avg10=0 avg60=0 avg300=0 total=0\n")
    let now = MachineCounters.test(
      pressure:
        "some avg10=12.50 avg60=4.00 avg300=1.00 total=1500000\nfull avg10=0 avg60=0 avg300=0 total=2050000\n"
    )
    let lines = try #require(use(now, since: before, seconds: 2).pressure?.memory)
    #expect(
      lines.some == PressureLine(average10: 0.125, average60: 0.04, average300: 0.01, recent: 0.25))
    #expect(lines.full?.recent == 1)
  }

  // MARK: - From sample to snapshot

  @Test func theWindowDividesByTheMeasuredTime() throws {
    var window = Window.test()
    var samples = [Sample.at(1000, []), .at(1004, []), .at(1005, [])]
    for (index, reads) in [UInt64(0), 40, 50].enumerated() {
      samples[index].machine = .test(disks: diskLine("sda", reads: reads))
    }
    let rates = samples.map { window.add($0).machine.diskTotal?.readsPerSecond }
    #expect(rates == [nil, 10, 10])
  }

  @Test func timesSinceBootAreInSeconds() {
    var window = Window.test()
    var sample = Sample.at(1000, busy: 250, [])
    #expect(window.add(sample).cpuSinceBoot?.user == 2.5)
    #expect(window.add(sample).cpuSinceBoot?.idle == 10_000)
    sample.system = nil
    #expect(window.add(sample).cpuSinceBoot == nil)
  }
}
