import CLinux
import Glibc

extension Files {
  /// Files of one kind that are kept when more are set aside: the two oldest, which tell how it began, and the newest.
  public static let mostSetAside = 3

  /// Renames a file that cannot be used, so that an operator can look at it and a new one can take its place.
  ///
  /// The new name survives a power cut. See ``mostSetAside`` for how many are kept.
  ///
  /// - Parameters:
  ///   - kind: Why, in one word; part of the new name.
  ///   - moment: When; part of the new name, and later moments sort behind earlier ones.
  ///   - suffixes: Names of files that belong to it begin with its name and end so.
  /// - Returns: The new path.
  public static func setAside(
    _ path: String, as kind: String, at moment: String, with suffixes: [String] = []
  ) throws(SystemCallError) -> String {
    let target = "\(path).\(kind)-\(moment)"
    sync(path)
    try rename(from: path, to: target)
    for suffix in suffixes { try? rename(from: path + suffix, to: target + suffix) }
    try syncFolder(of: target)
    for suffix in [""] + suffixes { try? keepPrivate(target + suffix) }
    removeSurplus("\(path).\(kind)-", suffixes)
    return target
  }

  /// Writes what the kernel still holds of a file to the disk, if that is possible.
  private static func sync(_ path: String) {
    let descriptor = unsafe clinux_openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }

  /// Removes all but the files that are kept.
  ///
  /// - Parameter prefix: What their paths begin with; a moment follows.
  private static func removeSurplus(_ prefix: String, _ suffixes: [String]) {
    let (folder, start) = split(prefix)
    let found = ((try? allNames(in: folder)) ?? []).filter { name in
      name.hasPrefix(start) && !suffixes.contains(where: name.hasSuffix)
    }.sorted()
    guard found.count > mostSetAside else { return }
    for name in found[(mostSetAside - 1)..<(found.count - 1)] {
      for suffix in [""] + suffixes { _ = unsafe unlink("\(folder)/\(name)\(suffix)") }
    }
  }
}
