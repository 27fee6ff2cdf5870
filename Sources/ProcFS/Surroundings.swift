import Linux

/// What this process can see and use of the machine, from files that every user may read.
public struct Surroundings: Sendable, Equatable {
  /// The mount point of the /proc tree.
  public var procRoot = "/proc"
  /// Our pid in that tree.
  ///
  /// It differs from getpid(2) if the tree belongs to another namespace.
  public var ownPID: Int32?
  /// Whether our pid namespace is the host's; `nil` if unknown.
  public var isInHostPIDNamespace: Bool?
  /// The `hidepid` option of the tree; `nil` if it hides no processes.
  public var hidepid: String?
  /// The number of CPUs that we may run on; `nil` if unknown.
  public var cpusAllowed: Int?
  /// The limit of our control groups; `nil` if none is visible.
  public var cgroup: CgroupCPU?

  public init() {}
}

extension ProcFS {
  /// Reads the facts below the root.
  ///
  /// ``CgroupReader`` reads the control groups.
  public func surroundings() -> Surroundings {
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
    return facts
  }

  /// The kernel's fixed inode number of the first pid namespace (`PROC_PID_INIT_INO`).
  private static let hostPIDNamespace = "pid:[4026531836]"

  func text(of name: String) -> String? {
    (try? contents(of: name)).map { String(decoding: $0, as: UTF8.self) }
  }
}
