import CLinux
import Glibc

/// Operations on whole files and folders, for use at start or rarely.
public enum Files {
  /// The content of a regular file and its modification time.
  public struct Contents: Sendable, Equatable {
    public var bytes: [UInt8]
    /// The time of the last modification, in nanoseconds since the epoch.
    ///
    /// See stat(2), `st_mtim`.
    public var modified: Int64
  }

  /// Reads a whole regular file.
  ///
  /// - Parameter most: The largest accepted size in bytes.
  /// - Throws: `EFBIG` if the file is larger.
  public static func read(_ path: String, atMost most: Int = 16 << 20) throws(SystemCallError)
    -> Contents
  {
    let descriptor = unsafe clinux_openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .last("open", path) }
    defer { close(descriptor) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { throw .last("fstat", path) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw SystemCallError(call: "open", subject: path, code: EISDIR)
    }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = unsafe Glibc.read(descriptor, &chunk, chunk.count)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw .last("read", path) }
      if count == 0 { break }
      guard count <= most - bytes.count else {
        throw SystemCallError(call: "read", subject: path, code: EFBIG)
      }
      bytes += chunk[..<count]
    }
    let modified = Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
    return Contents(bytes: bytes, modified: modified)
  }

  /// The names in a folder, sorted, without those that start with a dot.
  public static func names(in path: String) throws(SystemCallError) -> [String] {
    try allNames(in: path).filter { !$0.hasPrefix(".") }.sorted()
  }

  /// All names in a folder, in no particular order.
  ///
  /// See readdir(3).
  static func allNames(in path: String) throws(SystemCallError) -> [String] {
    guard let directory = unsafe opendir(path) else { throw .last("opendir", path) }
    defer { unsafe closedir(directory) }
    var names: [String] = []
    while let entry = unsafe readdir(directory) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
        unsafe String(cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self))
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names
  }

  /// The target of a symbolic link.
  ///
  /// See readlink(2).
  public static func target(ofLink path: String) throws(SystemCallError) -> String {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = unsafe readlink(path, &buffer, buffer.count)
    guard count >= 0 else { throw .last("readlink", path) }
    return String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}

extension Files {
  /// Creates a folder and its missing parents.
  ///
  /// Existing folders stay unchanged.
  ///
  /// See mkdir(2), chmod(2).
  ///
  /// - Parameter mode: The permissions of new folders, regardless of the umask.
  public static func createFolders(_ path: String, mode: UInt32 = 0o755) throws(SystemCallError) {
    var folder = path.hasPrefix("/") ? "" : "."
    for name in path.split(separator: "/") {
      folder += "/" + name
      guard unsafe mkdir(folder, mode) == 0 else {
        if errno == EEXIST { continue }
        throw .last("mkdir", folder)
      }
      guard unsafe chmod(folder, mode) == 0 else { throw .last("chmod", folder) }
    }
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { throw .last("stat", path) }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      throw SystemCallError(call: "mkdir", subject: path, code: ENOTDIR)
    }
  }

  /// Renames a file atomically and replaces a file that has the new name.
  ///
  /// See rename(2).
  public static func rename(from old: String, to new: String) throws(SystemCallError) {
    guard unsafe Glibc.rename(old, new) == 0 else { throw .last("rename", "\(old) to \(new)") }
  }

  /// The size of a file in bytes.
  ///
  /// See stat(2), `st_size`.
  public static func size(of path: String) throws(SystemCallError) -> Int64 {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { throw .last("stat", path) }
    return Int64(status.st_size)
  }

  /// Identifies a file uniquely on this machine: its device and inode number.
  public struct Identity: Sendable, Equatable {
    var device: UInt
    var number: UInt
  }

  /// The identity of the file that has a name now.
  ///
  /// See stat(2), `st_dev` and `st_ino`.
  public static func identity(of path: String) throws(SystemCallError) -> Identity {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { throw .last("stat", path) }
    return Identity(device: status.st_dev, number: status.st_ino)
  }

  /// The permissions of a file.
  ///
  /// See stat(2), `st_mode`.
  public static func permissions(of path: String) throws(SystemCallError) -> UInt32 {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { throw .last("stat", path) }
    return status.st_mode & 0o7777
  }

  /// Removes the permissions of group and others from a regular file of ours; the owner's permissions stay.
  ///
  /// Links, files with several names, devices and files of other users stay unchanged, since an attacker could have placed
  /// them there. The descriptor does not open the file itself, so closing it keeps the locks that this process holds on
  /// it. See open(2), `O_PATH`, and chmod(2).
  public static func keepPrivate(_ path: String) throws(SystemCallError) {
    let descriptor = unsafe clinux_openat(AT_FDCWD, path, clinux_o_path | O_NOFOLLOW | O_CLOEXEC)
    guard descriptor >= 0 else { throw .last("open", path) }
    defer { close(descriptor) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { throw .last("fstat", path) }
    let isOurs = status.st_uid == geteuid() && status.st_nlink == 1
    guard status.st_mode & S_IFMT == S_IFREG, isOurs, status.st_mode & 0o077 != 0 else { return }
    guard unsafe chmod("/proc/self/fd/\(descriptor)", status.st_mode & 0o700) == 0 else {
      throw .last("chmod", path)
    }
  }

  /// Creates an empty file with mode 0600, regardless of the umask.
  ///
  /// An existing file stays unchanged.
  ///
  /// It does not open an existing file: closing it would release the locks that this process holds on it. See open(2),
  /// `O_EXCL`, and fcntl(2), "Record locking and POSIX".
  public static func makePrivate(_ path: String) throws(SystemCallError) {
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC
    let descriptor = unsafe clinux_openat_create(AT_FDCWD, path, flags, 0o600)
    guard descriptor >= 0 else {
      if errno == EEXIST { return }
      throw .last("open", path)
    }
    defer { close(descriptor) }
    guard fchmod(descriptor, 0o600) == 0 else { throw .last("fchmod", path) }
    try syncFolder(of: path)
  }

  /// Removes a file.
  ///
  /// A folder is an error.
  ///
  /// See unlink(2).
  public static func remove(_ path: String) throws(SystemCallError) {
    guard unsafe unlink(path) == 0 else { throw .last("unlink", path) }
  }
}
