import Linux
import ProcFS
import TestSupport
import Testing

/// A /sys/block with the kernel's links.
private struct SysFS {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Adds a disk and folders for its partitions.
  func disk(_ name: String, partitions: [String] = [], hidden: Bool = false) throws {
    try folder.write("1000\n", to: "block/\(name)/size")
    try folder.write(hidden ? "1\n" : "0\n", to: "block/\(name)/hidden")
    for partition in partitions {
      try folder.write("1\n", to: "block/\(name)/\(partition)/partition")
    }
  }

  /// Puts a device on others, each given as a disk or as `disk/partition`.
  func stack(_ name: String, on others: String...) throws {
    try disk(name)
    for other in others {
      let part = String(other.split(separator: "/").last ?? "")
      try folder.link("../../../../pci0000:00/block/\(other)", to: "block/\(name)/slaves/\(part)")
      try folder.link("../../../virtual/block/\(name)", to: "block/\(other)/holders/\(name)")
    }
  }

  /// The names of the disks that are shown, with a star after those that are stacked.
  func layout(of listed: [String]) throws -> [String] {
    try DiskLayout(BlockDevices(sys: folder.path), listed: listed).names(listed)
  }
}

extension DiskLayout {
  fileprivate func names(_ listed: [String]) -> [String] {
    disks(devices(listed.map { "8 0 \($0) 1 0 2 0 3 0 4 0 0 5 6\n" }.joined()))
      .map { $0.isStacked ? "\($0.name)*" : $0.name }
  }
}

private func devices(_ text: String) -> [DiskStats.Device] {
  (try? DiskStats(parsing: Array(text.utf8).span, file: "diskstats").devices) ?? []
}

@Suite struct DiskLayoutTests {
  private let sys: SysFS

  init() throws { sys = try SysFS() }

  @Test func findsLogicalVolumesOnRAIDOnNVMe() throws {
    for disk in ["nvme0n1", "nvme1n1"] {
      try sys.disk(disk, partitions: ["\(disk)p1", "\(disk)p2"])
    }
    try sys.stack("md127", on: "nvme0n1/nvme0n1p2", "nvme1n1/nvme1n1p2")
    try sys.stack("dm-0", on: "md127")
    try sys.stack("dm-1", on: "dm-0")
    #expect(
      try sys.layout(of: [
        "nvme0n1", "nvme0n1p1", "nvme0n1p2", "nvme1n1", "nvme1n1p1", "nvme1n1p2", "md127", "dm-0",
        "dm-1",
      ]) == ["nvme0n1", "nvme1n1", "md127*", "dm-0*", "dm-1*"])
  }

  @Test func findsCachesMirrorsAndPathsRegardlessOfNames() throws {
    for disk in ["sda", "sdb", "sdc", "sdd", "nvme0n1"] { try sys.disk(disk) }
    try sys.stack("bcache0", on: "sda", "nvme0n1")
    try sys.stack("drbd1000", on: "sdb")
    try sys.stack("dm-3", on: "sdc", "sdd")
    try sys.stack("rssd-mirror", on: "sdb")
    #expect(
      try sys.layout(of: [
        "sda", "sdb", "sdc", "sdd", "nvme0n1", "bcache0", "drbd1000", "dm-3", "rssd-mirror",
      ]) == [
        "sda", "sdb", "sdc", "sdd", "nvme0n1", "bcache0*", "drbd1000*", "dm-3*", "rssd-mirror*",
      ])
  }

  @Test func aDeviceOnUnlistedDevicesCounts() throws {
    // A DRBD without a local disk, a device mapper target on its own, network disks.
    for disk in ["sda", "drbd0", "dm-0", "nbd0", "rbd0", "md0"] { try sys.disk(disk) }
    let names = ["sda", "drbd0", "dm-0", "nbd0", "rbd0", "md0"]
    #expect(try sys.layout(of: names) == names)
    // LXCFS shows a container the volumes that it uses, but not the devices below them.
    try sys.disk("sdb", partitions: ["sdb1"])
    try sys.stack("md1", on: "sdb/sdb1")
    try sys.stack("dm-1", on: "md1")
    #expect(try sys.layout(of: ["dm-1"]) == ["dm-1"])
    #expect(try sys.layout(of: ["dm-1", "sdb"]) == ["dm-1*", "sdb"])
  }

  @Test func linksInOneDirectionSuffice() throws {
    try sys.disk("sda", partitions: ["sda1"])
    try sys.disk("dm-0")
    try sys.disk("dm-1")
    try sys.disk("dm-2")
    try sys.folder.write("", to: "block/sda/sda1/holders/dm-0/x")
    try sys.folder.write("", to: "block/sda/holders/dm-1/x")
    try sys.folder.write("", to: "block/dm-2/slaves/sda/x")
    #expect(
      try sys.layout(of: ["sda", "sda1", "dm-0", "dm-1", "dm-2"])
        == ["sda", "dm-0*", "dm-1*", "dm-2*"])
  }

  @Test func cyclicLinksTerminate() throws {
    try sys.stack("dm-0", on: "dm-1")
    try sys.stack("dm-1", on: "dm-0")
    #expect(try sys.layout(of: ["dm-0", "dm-1"]) == ["dm-0*", "dm-1*"])
  }

  @Test func ZFSVolumesHaveNoLinks() throws {
    for disk in ["sda", "zd0", "zd16"] { try sys.disk(disk, partitions: ["\(disk)p1"]) }
    #expect(try sys.layout(of: ["sda", "zd0", "zd0p1", "zd16"]) == ["sda", "zd0*", "zd16*"])
    #expect(try sys.layout(of: ["zd0", "zd16"]) == ["zd0", "zd16"])
  }

  @Test func hidesNVMePathsAndCountsTheirDiskOnce() throws {
    try sys.disk("nvme0n1")
    for path in ["nvme0c0n1", "nvme0c1n1"] { try sys.disk(path, hidden: true) }
    try sys.disk("nvme1n1")
    let names = ["nvme0c0n1", "nvme0c1n1", "nvme0n1", "nvme1n1"]
    #expect(try sys.layout(of: names) == ["nvme0n1", "nvme1n1"])
    let layout = try DiskLayout(BlockDevices(sys: sys.folder.path), listed: names)
    func text(_ disk: String) -> String {
      """
      259 0 nvme0c0n1 10 0 20 0 30 0 40 0 0 50 6
      259 1 nvme0c1n1 1 0 2 0 3 0 4 0 0 5 6
      259 2 nvme0n1 \(disk)
      259 3 nvme1n1 0 0 0 0 0 0 0 0 0 0 0

      """
    }
    // Since Linux 6.0 the disk has its own counters; before that only its paths had.
    let new = layout.disks(devices(text("7 0 8 0 9 0 10 0 0 11 6")))
    #expect(new.map(\.reads) == [7, 0] && new.map(\.writes) == [9, 0])
    let old = layout.disks(devices(text("0 0 0 0 0 0 0 0 0 0 0")))
    #expect(old.map(\.reads) == [11, 0] && old.map(\.writes) == [33, 0])
    #expect(old.map(\.readBytes) == [22 * 512, 0] && old.map(\.writtenBytes) == [44 * 512, 0])
    #expect(old.map(\.busyMilliseconds) == [50, 0])
  }

  @Test func pseudoDevicesAreNotDisksAndDevicesOnThemAreNotStacked() throws {
    for disk in ["vda", "loop0", "ram0", "zram0", "ramdisk"] { try sys.disk(disk) }
    try sys.stack("dm-0", on: "loop0")
    #expect(
      try sys.layout(of: ["vda", "loop0", "ram0", "zram0", "ramdisk", "dm-0"])
        == ["vda", "ramdisk", "dm-0*"])
  }

  // MARK: - Without sysfs

  @Test func fallsBackToNames() throws {
    let names = [
      "sda", "sda1", "nvme0n1", "nvme0n1p3", "nvme0c1n1", "mmcblk0", "mmcblk0p1", "mmcblk0boot0",
      "cciss/c0d0", "cciss/c0d0p1", "xvda1", "dm-0", "md127", "md_home", "bcache0", "drbd0", "zd0",
      "loop3", "zram0",
    ]
    let shown = [
      "sda", "nvme0n1", "mmcblk0", "mmcblk0boot0", "cciss/c0d0", "xvda1", "dm-0*", "md127*",
      "md_home*", "bcache0*", "drbd0*", "zd0*",
    ]
    let layout = DiskLayout(nil, listed: names)
    #expect(layout.source == .names && layout.names(names) == shown)
    // The tree is another machine's: our sysfs knows none of its disks.
    try sys.disk("vda")
    try sys.disk("loop3")
    let foreign = try DiskLayout(BlockDevices(sys: sys.folder.path), listed: names)
    #expect(foreign == layout)
    #expect(try DiskLayout(BlockDevices(sys: sys.folder.path), listed: ["vda"]).source == .sysfs)
    #expect(try DiskLayout(BlockDevices(sys: sys.folder.path), listed: []).source == .sysfs)
  }

  @Test func aStackedNameCountsIfItIsAlone() {
    #expect(DiskLayout(nil, listed: ["dm-0"]).names(["dm-0"]) == ["dm-0"])
  }
}

@Suite struct BlockDevicesTests {
  @Test func findsWholeDisksByTheirFolders() throws {
    let sys = try TemporaryFolder()
    for name in ["sda", "nvme0n1", "cciss!c0d0"] { try sys.write("", to: "block/\(name)/size") }
    try sys.write("", to: "block/cciss!c0d0/cciss!c0d0p1/holders/dm-0/x")
    let devices = try BlockDevices(sys: sys.path)
    #expect(devices.whole == ["sda", "nvme0n1", "cciss/c0d0"])
    #expect(devices.below == ["dm-0": ["cciss/c0d0", "cciss/c0d0p1"]])
  }

  @Test func throwsWithoutSysfs() throws {
    let sys = try TemporaryFolder()
    let expected = ProcError.unreadable(
      .init(call: "opendir", subject: "\(sys.path)/block", code: 2))
    #expect(throws: expected) { try BlockDevices(sys: sys.path) }
  }

  @Test func readsTheRealMachinesDisks() throws {
    guard let devices = try? BlockDevices(sys: "/sys") else { return }
    let stats = try ProcFS().diskStats().devices
    let layout = DiskLayout(devices, listed: stats.map(\.name))
    #expect(layout.source == .sysfs)
    #expect(Set(layout.disks(stats).map(\.name)).isSubset(of: devices.whole))
  }
}
