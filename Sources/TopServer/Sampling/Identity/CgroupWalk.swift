/// Walks down the path of a group and remembers the innermost unit, container and pod.
struct CgroupWalk {
  /// The maximum number of groups that are looked at: the innermost ones.
  static let mostGroups = 64

  private(set) var service: String?
  private(set) var slice: String?
  private(set) var container: String?
  private(set) var runtime: ContainerRuntime?
  private(set) var pod: String?
  /// The group above.
  private var parent = ""
  private var isInPods = false

  /// Decodes the name of a group: `\x2d` is a dash, and systemd puts a `_` before names that the kernel has taken.
  ///
  /// See systemd-escape(1).
  static func decoded(_ name: ArraySlice<UInt8>) -> String {
    var rest = name
    if rest.first == UInt8(ascii: "_"), rest.contains(UInt8(ascii: ".")) { rest.removeFirst() }
    guard rest.contains(UInt8(ascii: "\\")) else {
      return IdentityText.visible(rest, atMost: CgroupIdentity.mostUnitBytes)
    }
    var bytes: [UInt8] = []
    while let byte = rest.first {
      if byte == UInt8(ascii: "\\"), rest.dropFirst().first == UInt8(ascii: "x"), rest.count >= 4,
        let high = hex(rest[rest.startIndex + 2]), let low = hex(rest[rest.startIndex + 3])
      {
        bytes.append(high << 4 | low)
        rest = rest.dropFirst(4)
      } else {
        bytes.append(byte)
        rest = rest.dropFirst()
      }
    }
    return IdentityText.visible(bytes, atMost: CgroupIdentity.mostUnitBytes)
  }

  private static func hex(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }

  /// Goes into the next group.
  mutating func enter(_ name: String) {
    if name.hasSuffix(".service") || name.hasSuffix(".scope") {
      service = name
    } else if name.hasSuffix(".slice") {
      slice = name
    }
    if !isInPods, name.hasPrefix("kube"), name.contains("kubepods") { isInPods = true }
    if isInPods, let uid = podUID(name) { pod = uid }
    find(name)
    parent = name
  }

  /// Finds the container whose group this is.
  private mutating func find(_ name: String) {
    // containerd with a wrong driver: `kubepods-burstable-pod….slice:cri-containerd:ID`.
    if name.utf8.contains(UInt8(ascii: ":")), case let parts = name.split(separator: ":"),
      parts.count == 3
    {
      if parts[0].hasPrefix("kubepods") { isInPods = true }
      if let uid = podUID(String(parts[0])) { pod = uid }
      return identify(String(parts[2]), prefix: String(parts[1]))
    }
    let base = name.hasSuffix(".scope") ? String(name.dropLast(6)) : name
    if let dash = base.utf8.lastIndex(of: UInt8(ascii: "-")) {
      let id = String(base[base.utf8.index(after: dash)...])
      if Self.isID(id) { return identify(id, prefix: String(base[..<dash])) }
    }
    if Self.isID(base) { return identify(base, prefix: nil) }
    findSystemContainer(name)
    findTask(name)
  }

  /// Takes a container with a 64-digit ID.
  private mutating func identify(_ id: String, prefix: String?) {
    let found: ContainerRuntime?
    switch prefix {
    case "docker": found = .docker
    case "libpod", "libpod-payload": found = .podman
    case "cri-containerd", "containerd", "nerdctl": found = .containerd
    case "crio": found = .criO
    case nil:
      switch parent {
      case "docker", "moby", "docker-ce", "ecs": found = .docker
      case "libpod_parent": found = .podman
      case "default", "k8s.io", "containerd": found = .containerd
      default: found = isBelowTask ? .docker : nil
      }
    // Conmon watches a container from outside, and a pod of podman is no container.
    default: return
    }
    take(String(id.prefix(12)), found)
  }

  private mutating func take(_ name: String, _ found: ContainerRuntime?) {
    container = IdentityText.cut(name, atMost: CgroupIdentity.mostNameBytes)
    runtime = found
  }

  // MARK: - System containers

  private mutating func findSystemContainer(_ name: String) {
    if parent == "lxc" || parent == "lxc.payload", name != "ns" {
      take(name, .lxc)
    } else if name.hasPrefix("lxc.payload."), name.utf8.count > 12 {
      take(String(name.dropFirst(12)), .lxc)
    } else if name.hasPrefix("systemd-nspawn@"), name.hasSuffix(".service") {
      take(String(name.dropFirst(15).dropLast(8)), .systemdNspawn)
    } else if name == "supervisor", runtime == .systemdNspawn {
      // The program nspawn itself, outside of the container.
      (container, runtime) = (nil, nil)
    } else if parent == "machine.slice", name.hasPrefix("machine-"), name.hasSuffix(".scope") {
      let machine = String(name.dropFirst(8).dropLast(6))
      // libvirt registers its machines too, and virtual machines are no containers.
      if machine.hasPrefix("lxc-") {
        take(machine, .lxc)
      } else if !machine.hasPrefix("qemu-") && !machine.hasPrefix("libvirt-") {
        take(machine, .systemdNspawn)
      }
    }
  }

  // MARK: - Amazon ECS and BuildKit

  /// Whether the group is one level below a task of ECS: `/ecs/TASK/ID`.
  private var isBelowTask = false

  private mutating func findTask(_ name: String) {
    if parent == "ecs" { isBelowTask = true }
    // Fargate: the task's 32 digits, a dash and a number.
    if isBelowTask, name.utf8.count > 33, Self.isHex(String(name.prefix(32)), 32...32),
      name.utf8.dropFirst(32).first == UInt8(ascii: "-"),
      name.utf8.dropFirst(33).allSatisfy({ $0 &- 0x30 <= 9 })
    {
      take(String(name.prefix(12)), nil)
    }
    // A step of a build, whose ID has 25 letters and digits. If it runs in a container, that is the one to name.
    if parent == "buildkit", container == nil, name.utf8.count == 25,
      name.utf8.allSatisfy({ $0 &- 0x30 <= 9 || $0 &- 0x61 < 26 })
    {
      take(String(name.prefix(12)), .docker)
    }
  }

  // MARK: - Pods

  /// The UID in `kubepods-burstable-podUID.slice` or `podUID`.
  ///
  /// It is a UUID, or 32 digits for a static pod, which the kubelet made.
  private func podUID(_ name: String) -> String? {
    guard isInPods else { return nil }
    let base = name.hasSuffix(".slice") ? name.dropLast(6) : name[...]
    // With dashes as they are, or `_` instead where systemd would read a dash as a level.
    let dash = base.utf8.lastIndex(of: UInt8(ascii: "-")).map { base.utf8.index(after: $0) }
    let word = base.hasPrefix("pod") ? base : base[(dash ?? base.startIndex)...]
    guard word.hasPrefix("pod"), 35...39 ~= word.utf8.count else { return nil }
    let uid = word.utf8.dropFirst(3).map { $0 == UInt8(ascii: "_") ? UInt8(ascii: "-") : $0 }
    let dashes = uid.count == 36 ? [8, 13, 18, 23] : []
    guard uid.count == 32 || uid.count == 36,
      uid.indices.allSatisfy({
        dashes.contains($0) ? uid[$0] == UInt8(ascii: "-") : Self.isHex(uid[$0])
      })
    else { return nil }
    return String(decoding: uid, as: UTF8.self)
  }

  private static func isID(_ text: String) -> Bool { isHex(text, 64...64) }

  private static func isHex(_ byte: UInt8) -> Bool { byte &- 0x30 <= 9 || byte &- 0x61 < 6 }

  private static func isHex(_ text: String, _ count: ClosedRange<Int>) -> Bool {
    count.contains(text.utf8.count)
      && text.utf8.allSatisfy(isHex)
  }
}
