import Linux

/// Lists the processes of control groups.
///
/// A list costs a tenth of reading the group of each process. See cgroups(7), `cgroup.procs`.
public struct GroupLists: Sendable {
  /// A hierarchy of groups.
  public enum Hierarchy: Sendable, CaseIterable {
    case unified, systemd, cpu
  }

  private let mounts: [(hierarchy: Hierarchy, mount: CgroupMount)]

  /// Finds the mounts of the hierarchies.
  public init(_ procfs: ProcFS) {
    let bytes = (try? procfs.contents(of: "self/mountinfo")) ?? []
    mounts = MountTable.mounts(bytes.span).compactMap { mount in
      guard let hierarchy = Hierarchy(mount) else { return nil }
      return (
        hierarchy,
        CgroupMount(
          isVersion2: hierarchy == .unified, folder: String(decoding: mount.path, as: UTF8.self),
          root: String(decoding: mount.root, as: UTF8.self))
      )
    }
  }

  /// The pids in a group, without those of groups below it, in ascending order.
  ///
  /// - Returns: `nil` if we cannot see the group, or it has no list: that of a threaded group cannot be read.
  public func processes(of group: String, in hierarchy: Hierarchy) -> [Int32]? {
    for one in mounts where one.hierarchy == hierarchy {
      guard let folder = one.mount.chain(to: group).last, folder.name == group,
        let list = try? Files.read("\(folder.path)/cgroup.procs")
      else { continue }
      return Self.pids(list.bytes)
    }
    return nil
  }

  /// Reads a line for each process.
  static func pids(_ bytes: [UInt8]) -> [Int32] {
    var pids: [Int32] = []
    var pid: Int32 = 0
    var isSorted = true
    for byte in bytes {
      let digit = byte &- 0x30
      if digit <= 9 {
        pid = pid &* 10 &+ Int32(digit)
      } else {
        if let last = pids.last, last > pid { isSorted = false }
        pids.append(pid)
        pid = 0
      }
    }
    if !isSorted { pids.sort() }
    return pids
  }
}

extension GroupLists.Hierarchy {
  fileprivate init?(_ mount: MountTable.Mount) {
    switch mount.type {
    case "cgroup2": self = .unified
    case "cgroup" where mount.options.contains("name=systemd"): self = .systemd
    case "cgroup" where mount.options.contains("cpu"): self = .cpu
    default: return nil
    }
  }
}
