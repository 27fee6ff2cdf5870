import CLinux
import Glibc

extension Files {
  /// Gives a file a new content, in one step: a reader sees all of the old content or all of the new.
  ///
  /// The content is written to a file beside it, which only its owner may read, whatever the umask, and which then takes
  /// its name. When this returns, the content and the name survive a power cut. A link stays a link. See fsync(2),
  /// rename(2).
  ///
  /// - Throws: ``SystemCallError``; the old content is still there then, unless only the folder could not be synced.
  public static func replace(_ path: String, with bytes: [UInt8]) throws(SystemCallError) {
    let place = try place(of: path)
    let draft = "\(place)\(draftMark)\(getpid())"
    // A run that was killed may have had our pid.
    _ = unsafe unlink(draft)
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC
    let descriptor = unsafe clinux_openat_create(AT_FDCWD, draft, flags, 0o600)
    guard descriptor >= 0 else { throw .last("open", path) }
    do throws(SystemCallError) {
      defer { close(descriptor) }
      guard fchmod(descriptor, 0o600) == 0 else { throw .last("fchmod", path) }
      try write(bytes, to: descriptor, path: path)
      // Without it a power cut may leave the new name with nothing in it.
      guard fsync(descriptor) == 0 else { throw .last("fsync", path) }
      guard unsafe Glibc.rename(draft, place) == 0 else { throw .last("rename", path) }
    } catch {
      _ = unsafe unlink(draft)
      throw error
    }
    try syncFolder(of: place)
  }

  /// Stands between the name of a file and the pid of the process that writes a new content for it.
  private static let draftMark = ".new-"

  /// Removes what runs that were killed left of ``replace(_:with:)``.
  ///
  /// Another process that replaces the file at this moment fails and has to try again.
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

  /// Where the content of a path lies, or would lie: at the end of its links.
  ///
  /// See realpath(3).
  ///
  /// - Throws: ``SystemCallError`` when there is something there that is not a regular file: to replace a folder fails,
  ///   and to replace /dev/null would harm the machine.
  static func place(of path: String) throws(SystemCallError) -> String {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { return path }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return resolved(path)
    case S_IFDIR: throw SystemCallError(call: "open", subject: path, code: EISDIR)
    default: throw SystemCallError(call: "open", subject: path, code: EEXIST)
    }
  }

  /// The path without links; the path itself where there is nothing.
  ///
  /// See realpath(3).
  public static func resolved(_ path: String) -> String {
    guard let resolved = unsafe realpath(path, nil) else {
      // A link to a file that is to be made; see readlink(2).
      guard let target = try? target(ofLink: path) else { return path }
      return target.hasPrefix("/") ? target : "\(split(path).folder)/\(target)"
    }
    defer { unsafe free(resolved) }
    return unsafe String(cString: resolved)
  }

  /// The folder of a path and the name in it.
  static func split(_ path: String) -> (folder: String, name: String) {
    guard let slash = path.lastIndex(of: "/") else { return (".", path) }
    let folder = path[..<slash]
    return (folder.isEmpty ? "/" : String(folder), String(path[path.index(after: slash)...]))
  }

  /// Makes the names in the folder of a path survive a power cut.
  ///
  /// Nothing is done where the file system cannot do it, or where we may not read the folder. See fsync(2).
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
