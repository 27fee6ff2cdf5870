import Linux

/// What this process can see of the machine, and what it may use of it: facts, from files that anyone may read.
public struct Surroundings: Sendable, Equatable {
  /// Where the tree is mounted that we read.
  public var procRoot = "/proc"
  /// Our own pid in that tree, which differs from getpid(2) when it belongs to another namespace.
  public var ownPID: Int32?
  /// Whether our own pid namespace is the first one, that of the host; `nil` when it cannot be told.
  public var isInHostPIDNamespace: Bool?
  /// How processes of others are hidden in that tree; `nil` when they are not.
  public var hidepid: String?
  /// CPUs that we may run on; `nil` when it cannot be told.
  public var cpusAllowed: Int?
  /// The limit of our control group; `nil` when there is no such group.
  public var cgroup: CgroupCPU?

  public init() {}
}

extension ProcFS {
  /// Looks around, below the root and at the control groups.
  public func surroundings(cgroups: String = "/sys/fs/cgroup") -> Surroundings {
    var facts = Surroundings()
    facts.procRoot = root
    facts.ownPID = (try? Files.target(ofLink: path("self"))).flatMap { Int32($0) }
    if let namespace = try? Files.target(ofLink: path("self/ns/pid")) {
      facts.isInHostPIDNamespace = namespace == Self.hostPIDNamespace
    }
    if let mounts = text(of: "self/mountinfo"), let mount = MountInfo(mounts, mountedOn: root),
      mount.hidesOthers
    {
      facts.hidepid = mount.hidepid
    }
    facts.cpusAllowed = text(of: "self/status").flatMap { CPUList(status: $0) }?.count
    facts.cgroup = text(of: "self/cgroup").flatMap(CgroupPath.init).flatMap {
      cgroup($0, below: cgroups)
    }
    return facts
  }

  /// The kernel gives the first pid namespace this number (`PROC_PID_INIT_INO`).
  private static let hostPIDNamespace = "pid:[4026531836]"

  private func cgroup(_ path: CgroupPath, below root: String) -> CgroupCPU? {
    func read(_ folder: String, _ name: String) -> String? {
      (try? Files.read("\(folder)/\(name)")).map { String(decoding: $0.bytes, as: UTF8.self) }
    }
    // In a container the group is mounted as the root of the tree, whatever its path is called outside.
    let base = path.isVersion2 ? root : root + "/cpu"
    for folder in [base + path.folder, base] {
      let stat = read(folder, "cpu.stat") ?? ""
      if path.isVersion2, let max = read(folder, "cpu.max") {
        return CgroupCPU(max: max, stat: stat)
      }
      if !path.isVersion2, let quota = read(folder, "cpu.cfs_quota_us"),
        let period = read(folder, "cpu.cfs_period_us")
      {
        return CgroupCPU(quota: quota, period: period, stat: stat)
      }
    }
    return nil
  }

  private func text(of name: String) -> String? {
    (try? contents(of: name)).map { String(decoding: $0, as: UTF8.self) }
  }
}
