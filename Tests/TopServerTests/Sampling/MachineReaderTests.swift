import ProcFS
import TestSupport
import Testing

@testable import TopServer

@Suite struct MachineReaderTests {
  private let proc: TemporaryFolder
  private let sys: TemporaryFolder
  private let prober = MountProber(list: { [] }, ask: { _ in nil })
  private var reader: MachineReader

  init() throws {
    proc = try TemporaryFolder()
    sys = try TemporaryFolder()
    try sys.write("", to: "block/sda/size")
    try sys.write("", to: "block/loop0/size")
    try proc.write(interfaceLine("eth0", [1, 2, 3, 4], [5, 6, 7, 8]), to: "net/dev")
    reader = MachineReader(try ProcFS(root: proc.path), sys: sys.path, prober: prober)
  }

  @Test mutating func anUnreadablePartIsAbsentAndTheOthersArePresent() throws {
    try proc.remove("net/dev")
    #expect(reader.read(at: 0) == MachineCounters())
    try proc.write("MemTotal: 5 kB\n", to: "meminfo")
    try proc.write("broken", to: "loadavg")
    try proc.write("7.5 1\n", to: "uptime")
    try proc.write("some avg10=0 avg60=0 avg300=0 total=3\n", to: "pressure/io")
    let counters = reader.read(at: 0)
    #expect(counters.memory?.total == 5120)
    #expect(counters.load == nil)
    #expect(counters.uptime?.seconds == 7.5)
    #expect(counters.pressure.io?.some.total == 3 && counters.pressure.cpu == nil)
    #expect(counters.network == nil && counters.disks == nil)
  }

  @Test mutating func onlyWholeDisksAreReadAndNewOnesAppearWithinTenSeconds() throws {
    try proc.write(["sda", "sda1", "loop0", "sdb"].map { diskLine($0) }.joined(), to: "diskstats")
    #expect(reader.read(at: 0).disks?.map(\.name) == ["sda"])
    try sys.write("", to: "block/sdb/size")
    #expect(reader.read(at: 9_999_999_999).disks?.map(\.name) == ["sda"])
    #expect(reader.read(at: 10_000_000_000).disks?.map(\.name) == ["sda", "sdb"])
    // Without sysfs for a moment, the known disks stay.
    try sys.remove("block")
    #expect(reader.read(at: 30_000_000_000).disks?.map(\.name) == ["sda", "sdb"])
    #expect(reader.read(at: 30_000_000_000).diskSource == .sysfs)
  }

  @Test mutating func withoutSysfsNamesIdentifyWholeDisks() throws {
    try sys.remove("block")
    try proc.write(["sda", "sda1", "dm-0"].map { diskLine($0) }.joined(), to: "diskstats")
    let counters = reader.read(at: 0)
    #expect(counters.disks?.map(\.name) == ["sda", "dm-0"])
    #expect(counters.disks?.map(\.isStacked) == [false, true])
    #expect(counters.diskSource == .names)
    try proc.write("", to: "diskstats")
    #expect(reader.read(at: 0).diskSource == nil)
  }

  @Test mutating func aNewStackedDeviceIsFoundWithinTenSeconds() throws {
    try sys.write("", to: "block/dm-0/size")
    try proc.write(["sda", "dm-0"].map { diskLine($0) }.joined(), to: "diskstats")
    #expect(reader.read(at: 0).disks?.map(\.isStacked) == [false, false])
    try sys.write("", to: "block/dm-0/slaves/sda/x")
    #expect(reader.read(at: 10_000_000_000).disks?.map(\.isStacked) == [false, true])
  }

  @Test mutating func theNetworkNamespaceStaysTheSame() throws {
    #expect(reader.read(at: 0).network?.map(\.name) == ["eth0"])
    try proc.write(interfaceLine("host0", [1, 2, 3, 4], [5, 6, 7, 8]), to: "1/net/dev")
    #expect(reader.read(at: 0).network?.map(\.name) == ["eth0"])
    var later = MachineReader(try ProcFS(root: proc.path), sys: sys.path, prober: prober)
    #expect(later.read(at: 0).network?.map(\.name) == ["host0"])
    try proc.remove("1")
    #expect(later.read(at: 0).network == nil)
  }
}
