import CLinux
import Glibc

extension Files {
  /// Replaces the content of a file atomically: a reader sees either the old content or the new.
  ///
  /// Writes a temporary file next to it, with mode 0600 regardless of the umask, and renames it. When this returns,
  /// content and name survive a power failure. Follows a symbolic link. See fsync(2), rename(2).
  ///
  /// - Throws: ``SystemCallError``. The old content is still in place then, unless only the sync of the folder failed.
  public static func replace(_ path: String, with bytes: [UInt8]) throws(SystemCallError) {
    let place = try place(of: path)
    let draft = "\(place)\(draftMark)\(getpid())"
    // A killed run may have had our pid.
    _ = unsafe unlink(draft)
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC
    let descriptor = unsafe clinux_openat_create(AT_FDCWD, draft, flags, 0o600)
    guard descriptor >= 0 else { throw .last("open", path) }
    do throws(SystemCallError) {
      defer { close(descriptor) }
      guard fchmod(descriptor, 0o600) == 0 else { throw .last("fchmod", path) }
      try write(bytes, to: descriptor, path: path)
      // Without the sync, a power failure may leave the new name with an empty file.
      guard fsync(descriptor) == 0 else { throw .last("fsync", path) }
      guard unsafe Glibc.rename(draft, place) == 0 else { throw .last("rename", path) }
    } catch {
      _ = unsafe unlink(draft)
      throw error
    }
    try syncFolder(of: place)
  }

  /// Separates the file's name from the pid of the writing process in the name of a draft.
  private static let draftMark = ".new-"

  /// Removes the drafts that killed runs of ``replace(_:with:)`` left behind.
  ///
  /// If another process is replacing the file at this moment, its call fails and it must retry.
  public static func removeDrafts(of path: String) {
    guard let place = try? place(of: path) else { return }
    let (folder, name) = split(place)
    for other in (try? allNames(in: folder)) ?? []
    where other.hasPrefix(name + draftMark) || other == name + ".new" {
      _ = unsafe unlink("\(folder)/\(other)")
    }
  }

  static func write(
    _ bytes: [UInt8], to descriptor: Int32, path: String
  ) throws(SystemCallError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let written = unsafe rest.withUnsafeBytes {
        unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
      }
      if written < 0 && errno == EINTR { continue }
      guard written > 0 else { throw .last("write", path) }
      rest = rest.dropFirst(written)
    }
  }

  // MARK: - Places

  /// The path of the content: the target if the path is a symbolic link.
  ///
  /// See realpath(3).
  ///
  /// - Throws: ``SystemCallError`` if the path exists and is not a regular file: a folder cannot be replaced, and
  ///   replacing /dev/null would damage the system.
  static func place(of path: String) throws(SystemCallError) -> String {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { return path }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return resolved(path)
    case S_IFDIR: throw SystemCallError(call: "open", subject: path, code: EISDIR)
    default: throw SystemCallError(call: "open", subject: path, code: EEXIST)
    }
  }

  /// The path with its symbolic links resolved, even if the target of the last one does not exist.
  ///
  /// See realpath(3).
  public static func resolved(_ path: String) -> String {
    guard let resolved = unsafe realpath(path, nil) else {
      // The target of the link may not exist yet. See readlink(2).
      guard let target = try? target(ofLink: path) else { return path }
      return target.hasPrefix("/") ? target : "\(split(path).folder)/\(target)"
    }
    defer { unsafe free(resolved) }
    return unsafe String(cString: resolved)
  }

  /// Splits a path into its folder and its last component.
  static func split(_ path: String) -> (folder: String, name: String) {
    guard let slash = path.lastIndex(of: "/") else { return (".", path) }
    let folder = path[..<slash]
    return (folder.isEmpty ? "/" : String(folder), String(path[path.index(after: slash)...]))
  }

  /// Syncs the folder of a path, so that the names in it survive a power failure.
  ///
  /// Does nothing if the file system does not support it or if we may not read the folder. See fsync(2).
  public static func syncFolder(of path: String) throws(SystemCallError) {
    let folder = split(path).folder
    let descriptor = unsafe clinux_openat(AT_FDCWD, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else {
      if errno == EACCES { return }
      throw .last("open", folder)
    }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 || errno == EINVAL || errno == ENOTSUP else {
      throw .last("fsync", folder)
    }
  }
}
