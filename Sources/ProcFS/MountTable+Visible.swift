extension [MountTable.Mount] {
  /// The mounts that are not covered by others.
  ///
  /// See ``MountPaths``.
  var visible: [MountTable.Mount] {
    guard var paths = MountPaths(self) else { return lastAtEachPlace }
    return indices.filter { paths.lead(to: $0) }.map { self[$0] }
  }

  private var lastAtEachPlace: [MountTable.Mount] {
    var covered: Set<[UInt8]> = []
    return reversed().filter { covered.insert($0.path).inserted }.reversed()
  }
}

/// Resolves paths as the kernel does: at each mount point, resolution continues in the mounted file system.
///
/// So a mount covers what was mounted below its mount point before, wherever the kernel lists it, while later mounts on
/// top of it are visible. See path_resolution(7) and, for mount ids and parents, proc_pid_mountinfo(5).
private struct MountPaths {
  /// A path on a mount.
  ///
  /// `nil` is the mount of our root folder, which the list does not contain.
  private struct Place: Hashable {
    var on: Int?
    var path: [UInt8]
  }

  private let paths: [[UInt8]]
  /// For each mount, the index of its parent.
  private let parents: [Int?]
  /// For each mount, whether its parent is missing from the list, as after chroot(2).
  private let isOrphan: [Bool]
  private var mounted: [Place: Int] = [:]
  /// Results of ``top(of:)``, so that a high stack is climbed once and not for each of its mounts.
  private var tops: [Place: Int?] = [:]

  /// - Returns: `nil` if mount ids are missing or duplicated, which no kernel does.
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

  /// Whether the path of a mount resolves to that mount.
  mutating func lead(to index: Int) -> Bool {
    var reached: Int?
    for end in paths[index].endsOfPrefixes {
      let path = Array<UInt8>(paths[index][..<end])
      var crossed = 0
      while true {
        reached = top(of: Place(on: reached, path: path))
        guard let next = mounted[Place(on: reached, path: path)], next != reached,
          hides(next, index)
        else { break }
        reached = next
        crossed += 1
        // Parents that form a cycle do not come from a kernel.
        guard crossed <= paths.count else { return false }
      }
    }
    return reached == index
  }

  /// The topmost mount of a stack at one place, up to the first orphan.
  private mutating func top(of place: Place) -> Int? {
    if let known = tops[place] { return known }
    var reached = place.on
    for _ in paths.indices {
      guard let next = mounted[Place(on: reached, path: place.path)], next != reached,
        !isOrphan[next]
      else { break }
      reached = next
    }
    tops.updateValue(reached, forKey: place)
    return reached
  }

  /// Whether a mount covers another.
  ///
  /// Without a known parent, only the order in the list shows which was mounted first.
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
  /// The end of each path prefix: of `/`, `/a` and `/a/b` for `/a/b`.
  fileprivate var endsOfPrefixes: [Int] {
    let slash = UInt8(ascii: "/")
    guard count > 1 else { return [count] }
    return [1] + indices.dropFirst().filter { self[$0] == slash } + [count]
  }
}
