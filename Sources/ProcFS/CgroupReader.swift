import Linux

/// Reads the CPU limit of our control groups.
///
/// Limits rarely change, so all groups are searched only every ten seconds. The throttling of the limiting group is
/// read on each call.
public struct CgroupReader: Sendable {
  /// The time between two searches of all groups, in nanoseconds.
  private static let period: Int64 = 10_000_000_000

  private let procfs: ProcFS
  private let folder: String
  private var nextLook = Int64.min
  private var membership = ""
  private var mounts: [CgroupMount] = []
  private var limit: Double?
  /// The group that imposes the limit, or our own group.
  private var group: CgroupFolder?
  private var hadStat = false

  /// - Parameters:
  ///   - procfs: The tree that lists our groups and mounts.
  ///   - folder: Where groups are usually mounted, if the tree lists no mounts.
  public init(_ procfs: ProcFS, folder: String) {
    self.procfs = procfs
    self.folder = folder
  }

  /// - Parameter time: Nanoseconds on `CLOCK_MONOTONIC`.
  /// - Returns: `nil` if no group is readable.
  public mutating func read(at time: Int64) -> CgroupCPU? {
    if time >= nextLook {
      look()
      nextLook = time + Self.period
    }
    guard let group else { return nil }
    let stat = Self.text("\(group.path)/cpu.stat")
    // The group may have been removed and we may be in another one.
    if stat == nil && hadStat { nextLook = Int64.min }
    hadStat = stat != nil
    return CgroupCPU(
      limit: limit, group: group.name, throttling: CgroupThrottling(stat: stat ?? ""))
  }

  /// Finds the lowest limit.
  ///
  /// Of equal limits it chooses the outermost, whose quota other groups use too.
  private mutating func look() {
    let foundNone = group == nil
    limit = nil
    group = nil
    guard let text = procfs.text(of: "self/cgroup") else { return }
    if text != membership || foundNone {
      // There may be thousands of mounts, and these rarely change while our groups stay the same.
      mounts = (try? procfs.cgroupMounts()) ?? []
      membership = text
    }
    let groups = CgroupMembership(text)
    for (isVersion2, own) in [(false, groups.cpu), (true, groups.unified)] {
      guard let own else { continue }
      for one in chain(isVersion2: isVersion2, to: own) {
        guard case .some(let allowed) = Self.allowed(one, isVersion2: isVersion2) else { continue }
        if let allowed, allowed < limit ?? .infinity {
          limit = allowed
          group = one
        } else if limit == nil {
          group = one
        }
      }
    }
  }

  /// The groups from the root of the mount to our own.
  ///
  /// Of several mounts, the one that shows most groups is used.
  private func chain(isVersion2: Bool, to own: String) -> [CgroupFolder] {
    let mounts = mounts.filter { $0.isVersion2 == isVersion2 }
    guard mounts.isEmpty else {
      return mounts.map { $0.chain(to: own) }.max { $0.count < $1.count } ?? []
    }
    // The tree lists no mounts: try the usual places.
    let usual = isVersion2 ? ["", "/unified"] : ["/cpu", "/cpu,cpuacct", "/cpuacct,cpu"]
    for name in usual {
      let mount = CgroupMount(isVersion2: isVersion2, folder: folder + name)
      let below = mount.chain(to: own)
      // A group that is not below the mount usually means a container whose own group is mounted as the root.
      let chain = below.isEmpty ? mount.chain(to: "/") : below
      if chain.contains(where: { Self.allowed($0, isVersion2: isVersion2) != nil }) {
        return chain
      }
    }
    return []
  }

  /// - Returns: The limit of the group, or `.some(nil)` without a limit; `nil` if the group has no limit files.
  private static func allowed(_ group: CgroupFolder, isVersion2: Bool) -> Double?? {
    if isVersion2 {
      guard let max = text("\(group.path)/cpu.max") else { return nil }
      return .some(CgroupLimit.cpus(max: max))
    }
    guard let quota = text("\(group.path)/cpu.cfs_quota_us"),
      let period = text("\(group.path)/cpu.cfs_period_us")
    else { return nil }
    return .some(CgroupLimit.cpus(quota: quota, period: period))
  }

  private static func text(_ path: String) -> String? {
    (try? Files.read(path)).map { String(decoding: $0.bytes, as: UTF8.self) }
  }
}
