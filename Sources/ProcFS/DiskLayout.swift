/// Selects the disks from /proc/diskstats so that no I/O is counted twice.
///
/// A device that is built on another listed device repeats the counts of that device. The links in sysfs show this. If
/// sysfs is unavailable, or knows none of the devices because the tree is another machine's, only the names can tell.
public struct DiskLayout: Sendable, Equatable {
  /// The source that distinguishes whole disks from partitions and stacked devices.
  public enum Source: String, Sendable {
    case sysfs
    case names
  }

  public let source: Source
  /// The names of the disks to show.
  private let disks: Set<String>
  /// The disks whose I/O is also counted by other listed disks.
  private let stacked: Set<String>
  /// For each multipath disk, its hidden paths.
  private let paths: [String: [String]]

  /// - Parameters:
  ///   - devices: The devices in sysfs; `nil` if it cannot be read.
  ///   - listed: All names in /proc/diskstats.
  public init(_ devices: BlockDevices?, listed: [String]) {
    let all = Set(listed)
    let named = all.filter { !DiskStats.Device.isPseudo($0) }
    let isKnown = devices.map { named.isEmpty || !$0.whole.isDisjoint(with: named) } ?? false
    let devices = isKnown ? devices ?? BlockDevices(whole: []) : BlockDevices(names: all)
    source = isKnown ? .sysfs : .names
    disks = devices.whole.subtracting(devices.hidden).filter { !DiskStats.Device.isPseudo($0) }
    // sysfs has no links between a ZFS volume and the disks of its pool.
    let pools = disks.filter { DiskName($0).isVolumeOfPool }
    let others = !all.intersection(disks).isSubset(of: pools)
    stacked = disks.filter { name in
      devices.below[name].map { !$0.isDisjoint(with: all) } ?? (others && pools.contains(name))
    }
    paths = Dictionary(grouping: devices.hidden.intersection(all)) {
      DiskName($0).ofWholeDisk ?? ""
    }
  }

  /// The disks with their counters.
  public func disks(_ devices: [DiskStats.Device]) -> [DiskStats.Device] {
    var disks = devices.filter { self.disks.contains($0.name) }
    for index in disks.indices {
      disks[index].isStacked = stacked.contains(disks[index].name)
      // Before Linux 6.0, only the paths of an NVMe disk have counters; those of the disk itself stay 0.
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
  /// Derives the layout from the names in /proc/diskstats alone.
  init(names: Set<String>) {
    let parsed = names.map { ($0, DiskName($0)) }
    let hidden = Set(parsed.filter { $0.1.ofWholeDisk != nil }.map(\.0))
    let partitions = Set(parsed.filter { $0.1.isPartition(of: names) }.map(\.0))
    let whole = names.subtracting(partitions)
    let stacked = whole.filter { DiskName($0).isStacked }
    // The names do not show on which devices it is built, so assume all devices that are not stacked.
    let others = whole.subtracting(stacked).filter { !DiskStats.Device.isPseudo($0) }
    self.init(
      whole: whole, hidden: hidden,
      below: Dictionary(uniqueKeysWithValues: stacked.map { ($0, others) }))
  }
}

/// What the name of a block device reveals by the kernel's naming conventions.
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

  /// Whether the device is backed by memory or a file.
  var isPseudo: Bool { isNumbered(["loop", "ram", "zram"]) }

  /// Whether the device is device mapper, RAID, bcache or DRBD.
  var isStacked: Bool {
    isNumbered(["dm-", "md", "bcache", "drbd"]) || name.hasPrefix("md_")
  }

  /// Whether the device is a ZFS volume, by the naming of the module `zfs`.
  var isVolumeOfPool: Bool { isNumbered(["zd"]) }

  /// The disk of a path, `nvme0n1` for `nvme0c3n1`; `nil` if the name is not a path.
  var ofWholeDisk: String? {
    guard name.hasPrefix("nvme"), stem.last == "n" else { return nil }
    let controller = Self.withoutNumber(stem.dropLast())
    guard controller.last == "c", controller.count < stem.count - 1 else { return nil }
    let subsystem = controller.dropLast()
    guard Self.withoutNumber(subsystem) == "nvme", subsystem != "nvme" else { return nil }
    return "\(subsystem)n\(name.dropFirst(stem.count))"
  }

  /// Whether the name is a partition's: `sda1` with `sda`, or `nvme0n1p1` with `nvme0n1`.
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
