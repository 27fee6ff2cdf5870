/// The control group of a process, and the unit, container and pod that its path names.
///
/// It is derived from the text of /proc/PID/cgroup, for version 1, version 2 and both. A user can choose the names of
/// groups below those that systemd gave away, so a unit or container within `user@1000.service` is that user's word.
/// See cgroups(7).
struct CgroupIdentity: Sendable, Hashable {
  /// The largest ``path`` in bytes; a longer one is cut and ends with `…`.
  static let mostPathBytes = 1024
  /// The largest ``unit`` in bytes, that of systemd's names.
  static let mostUnitBytes = 255
  /// The largest ``container`` and ``pod`` in bytes.
  static let mostNameBytes = 64
  /// A reader need not read more than this: a hierarchy of version 1 has a line each.
  static let mostBytes = 64 << 10

  /// The group: that of the hierarchy that says most.
  ///
  /// `/` if the process is in no group, or the text has none.
  var path = "/"
  /// The innermost service or scope of systemd, or else its slice, with `\x2d` and the like decoded.
  var unit: String?
  /// The first 12 characters of the innermost container's ID, or the name of a system container.
  var container: String?
  /// `nil` if the path does not tell it.
  var runtime: ContainerRuntime?
  /// The UID of the Kubernetes pod.
  var pod: String?

  /// Nothing is known.
  init() {}

  init(_ text: [UInt8]) {
    let lines = CgroupLine.all(in: text.prefix(Self.mostBytes), isCut: text.count > Self.mostBytes)
    // The first line that says most wins: the order is that of trust.
    var best = Self()
    var bestRank = -1
    for (place, line) in lines.enumerated() {
      // Most hierarchies of version 1 have the same path.
      guard bestRank < Self.highestRank, place == 0 || line.path != lines[place - 1].path else {
        continue
      }
      let found = Self(path: line.path)
      guard found.rank > bestRank else { continue }
      (best, bestRank) = (found, found.rank)
    }
    self = best
  }

  init(_ text: String) { self.init(Array(text.utf8)) }

  private static let highestRank = 4

  /// How much the path says.
  private var rank: Int {
    if container != nil { return Self.highestRank }
    if pod != nil { return 3 }
    if let unit { return unit.hasSuffix(".slice") ? 1 : 2 }
    return path == "/" ? 0 : 1
  }

  /// Reads the path of one hierarchy.
  init(path bytes: ArraySlice<UInt8>) {
    // The kernel marks a group that was removed while the process was in it.
    let mark = Array(" (deleted)".utf8)
    let kept = bytes.suffix(mark.count).elementsEqual(mark) ? bytes.dropLast(mark.count) : bytes
    path = kept.isEmpty ? "/" : IdentityText.visible(kept, atMost: Self.mostPathBytes)
    var walk = CgroupWalk()
    // `..` stands for a group above our cgroup namespace, which has no name here.
    for name in kept.split(separator: UInt8(ascii: "/")).suffix(CgroupWalk.mostGroups)
    where !name.elementsEqual("..".utf8) {
      walk.enter(CgroupWalk.decoded(name))
    }
    (unit, container, runtime, pod) = (
      walk.service ?? walk.slice, walk.container, walk.runtime, walk.pod
    )
  }
}

/// A program that runs containers.
enum ContainerRuntime: String, Sendable, CaseIterable {
  case docker, podman, containerd, lxc
  case criO = "cri-o"
  case systemdNspawn = "systemd-nspawn"
}
