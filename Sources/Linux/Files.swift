import CLinux
import Glibc

/// Whole files and plain folders, for what is read once at start.
public enum Files {
  /// A regular file's content and what changes when it does.
  public struct Contents: Sendable, Equatable {
    public var bytes: [UInt8]
    /// Nanoseconds since the epoch at which the content last changed.
    ///
    /// See stat(2), `st_mtim`.
    public var modified: Int64
  }

  /// Reads a regular file to its end.
  public static func read(_ path: String) throws(SystemCallError) -> Contents {
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
      bytes += chunk[..<count]
    }
    let modified = Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
    return Contents(bytes: bytes, modified: modified)
  }

  /// The names in a folder, sorted, without those that begin with a dot.
  ///
  /// See readdir(3).
  public static func names(in path: String) throws(SystemCallError) -> [String] {
    guard let directory = unsafe opendir(path) else { throw .last("opendir", path) }
    defer { unsafe closedir(directory) }
    var names: [String] = []
    while let entry = unsafe readdir(directory) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
        unsafe String(cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self))
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
  }

  /// Where a symbolic link points.
  ///
  /// See readlink(2).
  public static func target(ofLink path: String) throws(SystemCallError) -> String {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = unsafe readlink(path, &buffer, buffer.count)
    guard count >= 0 else { throw .last("readlink", path) }
    return String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
