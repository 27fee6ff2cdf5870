import Linux
import ProcFS

@testable import TopServer

/// A synthetic machine that has every measure, each with another value, so that no two can be confused.
enum GoldenMachine {
  static let time = Instant(
    monotonic: 5_000_250_000_000, sinceBoot: 8_123_456_000_000, wall: 1_700_000_123_456_000_000)

  static var snapshot: Snapshot {
    var snapshot = Snapshot(
      sequence: 4711, time: time, cpuCount: 4, interval: 1.0023, window: 59.9876,
      processes: rows, skipped: skipped)
    snapshot.recentUse = use(seconds: 1.0023, scale: 1, forks: 37)
    snapshot.averageUse = use(seconds: 59.9876, scale: 47, forks: 1234)
    snapshot.cpuCounting = CPUCounting(
      sampledBecause: "the number of CPUs changed between 3 and 4", measured: 58.9876,
      sampled: 2.0045, unknown: 1.0001)
    snapshot.machine = machine
    snapshot.lastGap = gap
    snapshot.sweepCost = SweepCost(
      duration: 0.012345678, lag: 0.00034567, skippedTotal: 3, processesRead: 5,
      slowReason: "schedstat is off")
    snapshot.surroundings = surroundings
    return snapshot
  }

  /// The first snapshot of a machine whose kernel shows almost nothing.
  static var bare: Snapshot {
    Snapshot(
      sequence: 1, time: time, cpuCount: 1, interval: nil, window: nil, processes: [],
      skipped: SkippedProcesses())
  }

  /// A snapshot whose CPU counters are not valid.
  static var unknown: Snapshot {
    var snapshot = bare
    (snapshot.sequence, snapshot.interval, snapshot.window) = (2, 1, 1)
    snapshot.cpuCounting.unknownBecause = "no time passed between two samples"
    snapshot.machine.fileSystems = [fileSystem("/far", type: "nfs4", isStalled: true)]
    return snapshot
  }

  // MARK: - Parts

  private static func use(seconds: Double, scale: Int64, forks: UInt64) -> SystemUse? {
    var totals = LedgerBook.Totals()
    let millisecond: Int64 = 1_000_000 * scale
    totals.cpu.measured = Int64(seconds * 1e9)
    totals.cpu.user = 611 * millisecond + (scale - 1) * 100_000_000
    totals.cpu.nice = 53 * millisecond
    totals.cpu.system = 317 * millisecond
    totals.cpu.idle = 2611 * millisecond
    totals.cpu.iowait = 197 * millisecond
    totals.cpu.irq = 11 * millisecond
    totals.cpu.softirq = 29 * millisecond
    totals.cpu.steal = 83 * millisecond
    totals.cpu.guest = 97 * millisecond
    totals.processes = UInt64(437 * scale)
    totals.kernelThreads = UInt64(61 * scale)
    totals.endedChildren = UInt64(229 * scale)
    totals.forks = forks
    totals.forksMeasured = totals.cpu.measured
    return SystemUse(totals, ticksPerSecond: 1000)
  }

  private static var skipped: SkippedProcesses {
    var skipped = SkippedProcesses()
    (skipped.unreadable, skipped.malformed) = (2, 1)
    return skipped
  }

  private static var gap: Gap? {
    var before = time
    before.monotonic -= 4_500_000_000
    before.sinceBoot -= 9_250_000_000
    before.wall -= 9_250_000_000
    return Gap(between: before, and: time, interval: .seconds(1))
  }

  private static var surroundings: Surroundings {
    var facts = Surroundings()
    facts.procRoot = "/host/proc"
    facts.ownPID = 977
    facts.isInHostPIDNamespace = false
    facts.hidepid = "invisible"
    facts.cpusAllowed = 3
    facts.cgroup = CgroupCPU(
      limit: 1.5, group: "/pod",
      throttling: CgroupThrottling(stat: "nr_throttled 17\nthrottled_usec 2345678\n"))
    return facts
  }

  private static var machine: MachineUse {
    var machine = MachineUse()
    machine.memory = memory
    machine.swap = SwapUse(total: 4_000_000_768, free: 2_900_000_384)
    machine.load = LoadAverage(one: 2.57, five: 1.93, fifteen: 0.71)
    machine.uptime = 8123.4
    machine.diskSource = .sysfs
    machine.disks = [disk("nvme0n1", 1), disk("sda", 2), disk("md0", 3, isStacked: true)]
    machine.diskTotal = disk("total", 4)
    machine.fileSystems = [
      fileSystem("/", scale: 1), fileSystem("/srv", scale: 3), fileSystem("/var/lib", scale: 5),
      fileSystem("/far \u{1F408}", type: "nfs4", isStalled: true),
      fileSystem("/cd", scale: 7, isReadOnly: true),
    ]
    machine.network = [interface("lo", 1), interface("eth0", 2), interface("veth1", 3)]
    machine.networkTotal = interface("total", 5)
    machine.pressure = PressureUse(
      cpu: PressureLines(some: pressure(1), full: nil),
      memory: PressureLines(some: pressure(2), full: pressure(3)),
      io: PressureLines(some: pressure(4), full: pressure(5)))
    machine.listed = ListedNames(
      disks: ["nvme0n1"], fileSystems: ["/", "/far \u{1F408}", "/cd"], network: ["lo", "eth0"])
    return machine
  }

  private static var memory: MemoryUse {
    let parsed = try? MemInfo(parsing: Array(memInfo.utf8).span, file: "meminfo")
    var info = parsed ?? MemInfo(total: 0, available: 0)
    (info.total, info.available) = (16_000_004_096, 5_000_003_072)
    (info.free, info.buffers, info.cached) = (1_000_001_024, 200_000_512, 3_000_000_256)
    (info.active, info.inactive) = (4_000_000_128, 2_000_000_064)
    (info.shmem, info.sReclaimable) = (300_000_032, 400_000_016)
    return MemoryUse(info)
  }

  /// Every line of the kernel has its own value, so a measure that is added later needs no change here.
  private static let memInfo = """
    MemTotal: 1 kB
    SwapCached: 100003 kB
    Active(anon): 100019 kB
    Inactive(anon): 100043 kB
    Active(file): 100049 kB
    Inactive(file): 100057 kB
    Unevictable: 100069 kB
    Mlocked: 100103 kB
    Zswap: 100109 kB
    Zswapped: 100129 kB
    Dirty: 100151 kB
    Writeback: 100153 kB
    AnonPages: 100169 kB
    Mapped: 100183 kB
    KReclaimable: 100189 kB
    Slab: 100193 kB
    SUnreclaim: 100207 kB
    KernelStack: 100213 kB
    PageTables: 100237 kB
    SecPageTables: 100267 kB
    NFS_Unstable: 100271 kB
    Bounce: 100279 kB
    WritebackTmp: 100291 kB
    CommitLimit: 100297 kB
    Committed_AS: 100313 kB
    VmallocTotal: 100333 kB
    VmallocUsed: 100343 kB
    VmallocChunk: 100357 kB
    Percpu: 100361 kB
    HardwareCorrupted: 100363 kB
    AnonHugePages: 100379 kB
    ShmemHugePages: 100391 kB
    ShmemPmdMapped: 100393 kB
    FileHugePages: 100403 kB
    FilePmdMapped: 100411 kB
    CmaTotal: 100417 kB
    CmaFree: 100447 kB
    Hugetlb: 100459 kB
    DirectMap4k: 100469 kB
    DirectMap2M: 100483 kB
    DirectMap1G: 100493 kB
    """

  private static func disk(_ name: String, _ scale: Double, isStacked: Bool = false) -> DiskUse {
    DiskUse(
      name: name, readBytesPerSecond: 1_234_567.89 * scale, writeBytesPerSecond: 345_678.12 * scale,
      readsPerSecond: 67.891 * scale, writesPerSecond: 12.345 * scale, busyShare: 0.12346 * scale,
      isStacked: isStacked)
  }

  private static func fileSystem(
    _ mount: String, type: String = "ext4", scale: UInt64 = 0, isStalled: Bool = false,
    isReadOnly: Bool = false
  ) -> FileSystemUse {
    FileSystemUse(
      mountPoint: mount, mountPoints: [mount], device: "/dev\(mount)", type: type,
      total: 100_000_000_000 * scale, used: 61_000_000_123 * scale,
      available: 29_000_000_456 * scale * scale, isStalled: isStalled, isReadOnly: isReadOnly)
  }

  private static func interface(_ name: String, _ scale: Double) -> InterfaceUse {
    InterfaceUse(
      name: name, receiveBytesPerSecond: 11_111.119 * scale,
      transmitBytesPerSecond: 2_222.228 * scale, receivePacketsPerSecond: 333.337 * scale,
      transmitPacketsPerSecond: 44.446 * scale, receiveErrorsPerSecond: 5.554 * scale,
      transmitErrorsPerSecond: 0.666 * scale, receiveDropsPerSecond: 0.077 * scale,
      transmitDropsPerSecond: 0.888 * scale)
  }

  private static func pressure(_ scale: Double) -> PressureLine {
    PressureLine(
      average10: 0.01237 * scale, average60: 0.02349 * scale, average300: 0.03453 * scale,
      recent: scale == 3 ? nil : 0.04567 * scale)
  }

  // MARK: - Processes

  private static var rows: [ProcessRow] {
    [
      row(1, "systemd", .sleeping, parent: 0, uid: 0, threads: 1, memory: 12_345_344, 0.00123),
      row(2, "kthreadd", .idle, parent: 0, uid: 0, threads: 1, memory: 0, 0, isKernel: true),
      row(77, "a\"b\\\n\u{1}é", .zombie, parent: 1, uid: 4711, threads: 1, memory: 4096, 0.0345),
      row(
        977, "topserver", .running, parent: 1, uid: 1000, threads: 9, memory: 23_456_768, 0.01234),
      row(
        4211, "cc1plus", .running, parent: 977, uid: 1000, threads: 3, memory: 345_678_848, 0.9876),
      row(4212, "cc1plus", .diskSleep, parent: 977, uid: 33, threads: 2, memory: 8192, 0.9876),
      new,
    ]
  }

  private static func row(
    _ pid: Int32, _ name: String, _ state: ProcessState, parent: Int32, uid: UInt32,
    threads: Int32, memory: UInt64, _ share: Double, isKernel: Bool = false
  ) -> ProcessRow {
    ProcessRow(
      identity: ProcessIdentity(pid: pid, startTicks: UInt64(pid) * 3), name: name, state: state,
      parentPID: parent, uid: uid, isKernelThread: isKernel, threads: threads,
      residentBytes: memory, startTime: 1_700_000_000.25 + Double(pid) * 0.03,
      average: CPUShare(user: share, system: share * 0.31),
      window: pid > 4000 ? 17.125 : 59.9876,
      recent: CPUShare(user: share * 1.17, system: share * 0.23),
      childrenAverage: CPUShare(user: share * 2.11, system: share * 0.47),
      childrenRecent: CPUShare(user: share * 3.13, system: share * 0.59))
  }

  /// A process with one sample, without the values that tables of the past do not have.
  private static var new: ProcessRow {
    ProcessRow(
      identity: ProcessIdentity(pid: 4300, startTicks: 12_900), name: "late", state: .sleeping,
      parentPID: 4211, uid: 33, isKernelThread: false, startTime: 1_700_000_122)
  }
}
