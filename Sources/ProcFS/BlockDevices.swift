import Linux

/// The whole disks of the machine, and which of them are built on others, from /sys/block.
///
/// Partitions have no folder there. The kernel links a stacked device with each device below it, in both directions
/// (`slaves` and `holders`), whatever their names. See sysfs(5) and the kernel's ABI/stable/sysfs-block.
public struct BlockDevices: Sendable, Equatable {
  /// Names as in /proc/diskstats.
  public var whole: Set<String>
  /// Paths to a multipath disk that is itself in ``whole``.
  ///
  /// They cannot be opened; NVMe has them.
  public var hidden: Set<String>
  /// For each device, all disks and partitions below it, directly or indirectly.
  public var below: [String: Set<String>]

  public init(
    whole: Set<String>, hidden: Set<String> = [], below: [String: Set<String>] = [:]
  ) {
    self.whole = whole
    self.hidden = hidden
    self.below = below
  }

  /// - Parameter sys: The mount point of sysfs.
  /// - Throws: ``ProcError/unreadable(_:)`` if there is no folder `block`.
  public init(sys: String) throws(ProcError) {
    let names: [String]
    do throws(SystemCallError) {
      names = try Files.names(in: "\(sys)/block")
    } catch {
      throw .unreadable(error)
    }
    self.init(whole: Set(names.map(Self.name)))
    var direct: [String: Set<String>] = [:]
    // Pseudo devices (memory and files) are not disks, and there may be thousands of them.
    for folder in names where !DiskStats.Device.isPseudo(Self.name(folder)) {
      let (name, path) = (Self.name(folder), "\(sys)/block/\(folder)")
      if Self.startsWithOne("\(path)/hidden") { hidden.insert(name) }
      for slave in Self.links(in: "\(path)/slaves") {
        direct[name, default: []].formUnion(disks(slave, "\(path)/slaves", sys: sys))
      }
      for holder in Self.links(in: "\(path)/holders") { direct[holder, default: []].insert(name) }
      for partition in Self.links(in: path) where partition.hasPrefix(name) {
        for holder in Self.links(in: "\(path)/\(Self.folder(partition))/holders") {
          direct[holder, default: []].formUnion([name, partition])
        }
      }
    }
    below = Self.closure(direct)
  }

  /// A folder name cannot contain the slash of a name like `cciss/c0d0`; sysfs writes `!` instead.
  private static func name(_ folder: String) -> String { folder.replacing("!", with: "/") }
  private static func folder(_ name: String) -> String { name.replacing("/", with: "!") }

  private static func links(in path: String) -> [String] {
    ((try? Files.names(in: path)) ?? []).map(name)
  }

  private static func startsWithOne(_ path: String) -> Bool {
    (try? Files.read(path))?.bytes.first == UInt8(ascii: "1")
  }

  /// A slave and, if it is a partition, its disk.
  ///
  /// The link points to `…/block/sda` or `…/block/sda/sda1`.
  private func disks(_ slave: String, _ folder: String, sys: String) -> Set<String> {
    let link = "\(folder)/\(Self.folder(slave))"
    let parts = ((try? Files.target(ofLink: link)) ?? "").split(separator: "/")
    return Set(parts.suffix(2).map { Self.name(String($0)) }.filter(whole.contains) + [slave])
  }

  /// Adds the devices below to each device, transitively.
  private static func closure(_ direct: [String: Set<String>]) -> [String: Set<String>] {
    var all: [String: Set<String>] = [:]
    for (name, first) in direct {
      var (found, open) = (first, Array(first))
      while let next = open.popLast() {
        for deeper in direct[next] ?? [] where found.insert(deeper).inserted { open.append(deeper) }
      }
      all[name] = found.subtracting([name])
    }
    return all
  }
}
