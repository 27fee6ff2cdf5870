/// Picks the disks out of /proc/diskstats, so that what they did is counted once.
///
/// A device that stands on another one that is listed repeats what that one counts. Devices are told apart by what sysfs
/// links them with; where it is not there, or knows none of them (the tree is another machine's), only their names are left.
public struct DiskLayout: Sendable, Equatable {
  /// What tells whole disks from partitions and from those that stand on others.
  public enum Source: String, Sendable {
    case sysfs
    case names
  }

  public let source: Source
  /// Those that are shown.
  private let disks: Set<String>
  /// Those of them whose counts are in others.
  private let stacked: Set<String>
  /// By disk: paths to it that nobody can open.
  private let paths: [String: [String]]

  /// - Parameters:
  ///   - devices: What sysfs says; `nil` where it cannot be read.
  ///   - listed: Every name in /proc/diskstats.
  public init(_ devices: BlockDevices?, listed: [String]) {
    let all = Set(listed)
    let named = all.filter { !DiskStats.Device.isPseudo($0) }
    let isKnown = devices.map { named.isEmpty || !$0.whole.isDisjoint(with: named) } ?? false
    let devices = isKnown ? devices ?? BlockDevices(whole: []) : BlockDevices(names: all)
    source = isKnown ? .sysfs : .names
    disks = devices.whole.subtracting(devices.hidden).filter { !DiskStats.Device.isPseudo($0) }
    // The pool that a volume of ZFS is in links it with no disk.
    let pools = disks.filter { DiskName($0).isVolumeOfPool }
    let others = !all.intersection(disks).isSubset(of: pools)
    stacked = disks.filter { name in
      devices.below[name].map { !$0.isDisjoint(with: all) } ?? (others && pools.contains(name))
    }
    paths = Dictionary(grouping: devices.hidden.intersection(all)) {
      DiskName($0).ofWholeDisk ?? ""
    }
  }

  /// The disks, each with what it did itself.
  public func disks(_ devices: [DiskStats.Device]) -> [DiskStats.Device] {
    var disks = devices.filter { self.disks.contains($0.name) }
    for index in disks.indices {
      disks[index].isStacked = stacked.contains(disks[index].name)
      // Before Linux 6.0 the paths of an NVMe disk count what it does, and it counts nothing itself.
      if let paths = paths[disks[index].name], disks[index].hasDoneNothing {
        disks[index].add(devices.filter { paths.contains($0.name) })
      }
    }
    return disks
  }
}

extension DiskStats.Device {
  fileprivate var hasDoneNothing: Bool { reads == 0 && writes == 0 && busyMilliseconds == 0 }

  fileprivate mutating func add(_ paths: [DiskStats.Device]) {
    for path in paths {
      reads &+= path.reads
      readBytes &+= path.readBytes
      writes &+= path.writes
      writtenBytes &+= path.writtenBytes
      busyMilliseconds = max(busyMilliseconds, path.busyMilliseconds)
    }
  }
}

extension BlockDevices {
  /// What the names alone say, of what is in /proc/diskstats.
  init(names: Set<String>) {
    let parsed = names.map { ($0, DiskName($0)) }
    let hidden = Set(parsed.filter { $0.1.ofWholeDisk != nil }.map(\.0))
    let partitions = Set(parsed.filter { $0.1.isPartition(of: names) }.map(\.0))
    let whole = names.subtracting(partitions)
    let stacked = whole.filter { DiskName($0).standsOnOthers }
    // On which ones they do not say: on any that stands on none itself.
    let others = whole.subtracting(stacked).filter { !DiskStats.Device.isPseudo($0) }
    self.init(
      whole: whole, hidden: hidden,
      below: Dictionary(uniqueKeysWithValues: stacked.map { ($0, others) }))
  }
}

/// What the kernel's habits of naming tell of a block device.
///
/// See the kernel's admin-guide/devices.
struct DiskName {
  private let name: Substring
  /// The name without the digits at its end.
  private let stem: Substring

  init(_ name: String) {
    self.name = name[...]
    stem = Self.withoutNumber(name[...])
  }

  /// Memory or a file in disguise.
  var isPseudo: Bool { isNumbered(["loop", "ram", "zram"]) }

  /// Device mapper, RAID, bcache, DRBD.
  var standsOnOthers: Bool {
    isNumbered(["dm-", "md", "bcache", "drbd"]) || name.hasPrefix("md_")
  }

  /// A volume of ZFS, as the module `zfs` calls it.
  var isVolumeOfPool: Bool { isNumbered(["zd"]) }

  /// `nvme0n1` of the path `nvme0c3n1`; `nil` of what is no path.
  var ofWholeDisk: String? {
    guard name.hasPrefix("nvme"), stem.last == "n" else { return nil }
    let controller = Self.withoutNumber(stem.dropLast())
    guard controller.last == "c", controller.count < stem.count - 1 else { return nil }
    let subsystem = controller.dropLast()
    guard Self.withoutNumber(subsystem) == "nvme", subsystem != "nvme" else { return nil }
    return "\(subsystem)n\(name.dropFirst(stem.count))"
  }

  /// Whether it is `sda1` beside `sda`, or `nvme0n1p1` beside `nvme0n1`.
  func isPartition(of names: Set<String>) -> Bool {
    guard stem.count < name.count, !stem.isEmpty else { return false }
    if names.contains(String(stem)) { return true }
    return stem.last == "p" && names.contains(String(stem.dropLast()))
  }

  private func isNumbered(_ families: [String]) -> Bool {
    stem.count < name.count && families.contains(String(stem))
  }

  private static func withoutNumber(_ text: Substring) -> Substring {
    var text = text
    while let last = text.last, last.isASCII, last.isNumber { text.removeLast() }
    return text
  }
}
