extension [MountTable.Mount] {
  /// Those that their path leads to.
  ///
  /// See ``MountPaths``.
  var visible: [MountTable.Mount] {
    guard let paths = MountPaths(self) else { return lastAtEachPlace }
    return indices.filter(paths.lead).map { self[$0] }
  }

  private var lastAtEachPlace: [MountTable.Mount] {
    var covered: Set<[UInt8]> = []
    return reversed().filter { covered.insert($0.path).inserted }.reversed()
  }
}

/// Follows paths as the kernel follows them: where something is mounted on what was reached so far, the way goes on in there.
///
/// So a mount hides what was mounted below its place before, wherever the kernel lists it, and what is mounted on it later is
/// seen. See path_resolution(7) and, for a mount's number and its parent's, proc_pid_mountinfo(5).
private struct MountPaths {
  /// A place on a mount; `nil` is what the list does not have: the mount that our root folder is on.
  private struct Place: Hashable {
    var on: Int?
    var path: [UInt8]
  }

  private let paths: [[UInt8]]
  /// By mount: the one that it is mounted on.
  private let parents: [Int?]
  /// By mount: whether the list does not have its parent, as in a folder that chroot(2) made the root.
  private let isOrphan: [Bool]
  private var mounted: [Place: Int] = [:]

  /// - Returns: `nil` when numbers are missing or given twice, as no kernel does it.
  init?(_ mounts: [MountTable.Mount]) {
    let numbers = mounts.compactMap(\.number)
    let places = Dictionary(zip(numbers, mounts.indices)) { first, _ in first }
    guard places.count == mounts.count else { return nil }
    paths = mounts.map(\.path)
    var parents = mounts.map { mount in
      mount.parent == mount.number ? nil : mount.parent.flatMap { places[$0] }
    }
    let root = [UInt8(ascii: "/")]
    let isOrphan = mounts.indices.map { parents[$0] == nil && mounts[$0].path != root }
    if let top = mounts.indices.last(where: { parents[$0] == nil && !isOrphan[$0] }) {
      for orphan in mounts.indices where isOrphan[orphan] { parents[orphan] = top }
    }
    self.parents = parents
    self.isOrphan = isOrphan
    for index in mounts.indices {
      mounted[Place(on: parents[index], path: paths[index])] = index
    }
  }

  /// Whether the path of a mount leads to it.
  func lead(to index: Int) -> Bool {
    var reached: Int?
    for end in paths[index].endsOfPrefixes {
      let path = Array<UInt8>(paths[index][..<end])
      var crossed = 0
      while let next = mounted[Place(on: reached, path: path)], next != reached,
        hides(next, index)
      {
        reached = next
        crossed += 1
        // Parents in a circle are no kernel's either.
        guard crossed <= paths.count else { return false }
      }
    }
    return reached == index
  }

  /// Without a parent only the order of the list tells what was there first.
  private func hides(_ next: Int, _ index: Int) -> Bool {
    !isOrphan[next] || next >= index || isAncestor(next, of: index)
  }

  private func isAncestor(_ ancestor: Int, of index: Int) -> Bool {
    var current = parents[index]
    for _ in paths.indices {
      guard let one = current else { return false }
      if one == ancestor { return true }
      current = parents[one]
    }
    return false
  }
}

extension [UInt8] {
  /// Where `/`, `/a` and `/a/b` end in `/a/b`.
  fileprivate var endsOfPrefixes: [Int] {
    let slash = UInt8(ascii: "/")
    guard count > 1 else { return [count] }
    return [1] + indices.dropFirst().filter { self[$0] == slash } + [count]
  }
}
