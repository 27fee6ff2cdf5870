/// The group of a process in the hierarchies that matter here, from /proc/PID/cgroup.
///
/// See cgroups(7).
public struct CgroupMembership: Sendable, Equatable {
  /// The group in the version 2 hierarchy.
  public var unified: String?
  /// The group in the version 1 hierarchy of the `cpu` controller, which may include `cpuacct`.
  public var cpu: String?
  /// The group in the version 1 hierarchy of systemd, which has no controller.
  public var systemd: String?

  public init(_ text: String) {
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3 else { continue }
      if parts[1].split(separator: ",").contains("cpu") { cpu = String(parts[2]) }
      if parts[1] == "name=systemd" { systemd = String(parts[2]) }
      if parts[0] == "0" { unified = String(parts[2]) }
    }
  }
}

/// A mounted hierarchy of control groups, or a mounted part of one.
public struct CgroupMount: Sendable, Equatable {
  public var isVersion2: Bool
  public var folder: String
  /// The mounted group, as in /proc/self/mountinfo.
  ///
  /// It contains `..` if it is above our cgroup namespace.
  public var root: String

  public init(isVersion2: Bool, folder: String, root: String = "/") {
    self.isVersion2 = isVersion2
    self.folder = folder
    self.root = root
  }
}

/// A group whose files we can read.
public struct CgroupFolder: Sendable, Equatable {
  /// The name, as in /proc/self/cgroup.
  public var name: String
  /// The path of its folder.
  public var path: String
}

extension CgroupMount {
  /// The maximum number of groups that are read.
  ///
  /// Beyond it, groups in the middle of the chain are left out.
  static let deepest = 64

  /// The groups from the root of the mount to our own whose names are known.
  ///
  /// Empty if our group is not below the root.
  ///
  /// No path leads out of the mount: a `..` means a group above our cgroup namespace. It is compared, never followed.
  ///
  /// - Parameter group: Our group, from ``CgroupMembership``.
  public func chain(to group: String) -> [CgroupFolder] {
    let (top, own) = (Self.names(root), Self.names(group))
    let below: ArraySlice<Substring>
    if own.starts(with: top) {
      below = own[top.count...]
    } else if top.allSatisfy({ $0 == ".." }), own.prefix(while: { $0 == ".." }).count < top.count {
      // The root is above our namespace, and the names in between are unknown.
      below = []
    } else {
      return []
    }
    // Groups above the root of the mount cannot be reached.
    guard !below.contains("..") else { return [] }
    var (name, path) = ("/" + top.joined(separator: "/"), folder)
    var chain = [CgroupFolder(name: name, path: path)]
    for part in below {
      name += (name == "/" ? "" : "/") + part
      path += "/" + part
      chain.append(CgroupFolder(name: name, path: path))
    }
    return chain.count <= Self.deepest
      ? chain : chain.prefix(1) + chain.suffix(Self.deepest - 1)
  }

  private static func names(_ path: String) -> [Substring] {
    path.split(separator: "/").filter { $0 != "." }
  }
}

extension ProcFS {
  /// The mounts of hierarchies that can limit the CPU, from /proc/self/mountinfo.
  ///
  /// Version 1 lists the controllers in the file system options. See cgroups(7).
  func cgroupMounts() throws(ProcError) -> [CgroupMount] {
    let bytes = try contents(of: "self/mountinfo")
    return MountTable.mounts(bytes.span).compactMap { mount in
      let isVersion2 = mount.type == "cgroup2"
      guard isVersion2 || (mount.type == "cgroup" && mount.options.contains("cpu")) else {
        return nil
      }
      return CgroupMount(
        isVersion2: isVersion2, folder: String(decoding: mount.path, as: UTF8.self),
        root: String(decoding: mount.root, as: UTF8.self))
    }
  }
}
