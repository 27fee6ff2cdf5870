import Linux

/// Which block devices are whole disks, and which of them stand on others, from /sys/block.
///
/// A partition has no folder of its own there. The kernel links a device that stands on others with each of them, in both
/// directions (`slaves` and `holders`), whatever the two are called. See sysfs(5) and the kernel's ABI/stable/sysfs-block.
public struct BlockDevices: Sendable, Equatable {
  /// Names as in /proc/diskstats.
  public var whole: Set<String>
  /// Paths to a disk that is itself in ``whole``, which nobody can open: those of NVMe.
  public var hidden: Set<String>
  /// By device: disks and partitions that it stands on, those too that these stand on.
  public var below: [String: Set<String>]

  public init(
    whole: Set<String>, hidden: Set<String> = [], below: [String: Set<String>] = [:]
  ) {
    self.whole = whole
    self.hidden = hidden
    self.below = below
  }

  /// - Parameter sys: Where sysfs is mounted.
  /// - Throws: ``ProcError/unreadable(_:)`` when there is no such folder.
  public init(sys: String) throws(ProcError) {
    let names: [String]
    do throws(SystemCallError) {
      names = try Files.names(in: "\(sys)/block")
    } catch {
      throw .unreadable(error)
    }
    self.init(whole: Set(names.map(Self.name)))
    var direct: [String: Set<String>] = [:]
    // Memory and files are no disks; there may be thousands of them.
    for folder in names where !DiskStats.Device.isPseudo(Self.name(folder)) {
      let (name, path) = (Self.name(folder), "\(sys)/block/\(folder)")
      if Self.says1("\(path)/hidden") { hidden.insert(name) }
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

  /// A name with a slash, like `cciss/c0d0`, cannot be that of a folder.
  private static func name(_ folder: String) -> String { folder.replacing("!", with: "/") }
  private static func folder(_ name: String) -> String { name.replacing("/", with: "!") }

  private static func links(in path: String) -> [String] {
    ((try? Files.names(in: path)) ?? []).map(name)
  }

  private static func says1(_ path: String) -> Bool {
    (try? Files.read(path))?.bytes.first == UInt8(ascii: "1")
  }

  /// A slave, and the disk that it is a partition of.
  ///
  /// The link leads to `…/block/sda` or `…/block/sda/sda1`.
  private func disks(_ slave: String, _ folder: String, sys: String) -> Set<String> {
    let link = "\(folder)/\(Self.folder(slave))"
    let parts = ((try? Files.target(ofLink: link)) ?? "").split(separator: "/")
    return Set(parts.suffix(2).map { Self.name(String($0)) }.filter(whole.contains) + [slave])
  }

  /// Adds to each device what its parts stand on.
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
