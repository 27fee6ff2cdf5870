/// Our own group in each hierarchy that can limit the CPU, from /proc/self/cgroup.
///
/// See cgroups(7).
public struct CgroupMembership: Sendable, Equatable {
  /// In the hierarchy of version 2.
  public var unified: String?
  /// In that of version 1's `cpu` controller, which `cpuacct` may share.
  public var cpu: String?

  public init(_ text: String) {
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3 else { continue }
      if parts[1].split(separator: ",").contains("cpu") { cpu = String(parts[2]) }
      if parts[0] == "0" { unified = String(parts[2]) }
    }
  }
}

/// One hierarchy of control groups, or a part of one, and where it is mounted.
public struct CgroupMount: Sendable, Equatable {
  public var isVersion2: Bool
  public var folder: String
  /// Which group is mounted there, as /proc/self/mountinfo writes it; one above our cgroup namespace has `..` in it.
  public var root: String

  public init(isVersion2: Bool, folder: String, root: String = "/") {
    self.isVersion2 = isVersion2
    self.folder = folder
    self.root = root
  }
}

/// A group that can be looked at.
public struct CgroupFolder: Sendable, Equatable {
  /// As /proc/self/cgroup would write it.
  public var name: String
  /// Where its files are.
  public var path: String
}

extension CgroupMount {
  /// More groups than this are not looked at; those left out are in the middle.
  static let deepest = 64

  /// The groups from the root of the mount to our own, as far as they can be named; none when ours is not below that root.
  ///
  /// No path leads out of the mount: a `..` is a group above our cgroup namespace, and is matched, never followed.
  ///
  /// - Parameter group: Our own group, from ``CgroupMembership``.
  public func chain(to group: String) -> [CgroupFolder] {
    let (top, own) = (Self.names(root), Self.names(group))
    let below: ArraySlice<Substring>
    if own.starts(with: top) {
      below = own[top.count...]
    } else if top.allSatisfy({ $0 == ".." }), own.prefix(while: { $0 == ".." }).count < top.count {
      // The root is above our namespace, and what is called what in between is not told.
      below = []
    } else {
      return []
    }
    // What is above the root of the mount and not below it cannot be reached.
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
  /// Where hierarchies are mounted that can limit the CPU, from /proc/self/mountinfo.
  ///
  /// See cgroups(7): version 1 has the controllers among the options of the file system.
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
