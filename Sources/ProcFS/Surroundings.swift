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
  /// What our control group and those above it allow us; `nil` when none can be seen.
  public var cgroup: CgroupCPU?

  public init() {}
}

extension ProcFS {
  /// Looks around below the root; ``CgroupReader`` looks at the control groups.
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

  /// The kernel gives the first pid namespace this number (`PROC_PID_INIT_INO`).
  private static let hostPIDNamespace = "pid:[4026531836]"

  func text(of name: String) -> String? {
    (try? contents(of: name)).map { String(decoding: $0, as: UTF8.self) }
  }
}
