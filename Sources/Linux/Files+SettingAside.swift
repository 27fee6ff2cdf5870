import CLinux
import Glibc

extension Files {
  /// How many files of a kind are kept: the two oldest, which show how the problem began, and the newest.
  public static let mostSetAside = 3

  /// Renames an unusable file, so that an operator can examine it and a new file can take its place.
  ///
  /// The new name survives a power failure. At most ``mostSetAside`` files are kept.
  ///
  /// - Parameters:
  ///   - kind: The reason in one word; part of the new name.
  ///   - moment: The time; part of the new name. Later times must sort after earlier ones.
  ///   - suffixes: The suffixes of companion files, which are renamed too.
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

  /// Syncs a file to the disk if possible.
  private static func sync(_ path: String) {
    let descriptor = unsafe clinux_openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }

  /// Removes all files except those that ``mostSetAside`` describes.
  ///
  /// - Parameter prefix: The start of their paths, up to the time.
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
