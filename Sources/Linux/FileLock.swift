import CLinux
import Glibc

/// A lock file that one process can hold at a time.
///
/// The kernel releases the lock when the process exits.
///
/// The file is not removed on release: by then it could be the lock of another process. See flock(2).
public final class FileLock: Sendable {
  private let descriptor: Int32

  /// Takes the lock and writes our pid into the file.
  ///
  /// Creates the file, with mode 0600, if it is missing.
  ///
  /// - Throws: `EWOULDBLOCK` at once if another process holds the lock; ``holder(of:)`` returns its pid.
  public init(path: String) throws(SystemCallError) {
    let flags = O_RDWR | O_CREAT | O_CLOEXEC
    let opened = unsafe clinux_openat_create(AT_FDCWD, path, flags, 0o600)
    guard opened >= 0 else { throw .last("open", path) }
    // Earlier versions created a readable file. If it belongs to another user this fails, but the lock still works.
    _ = fchmod(opened, 0o600)
    do throws(SystemCallError) {
      guard flock(opened, LOCK_EX | LOCK_NB) == 0 else { throw .last("flock", path) }
      let text = Array("\(getpid())\n".utf8)
      guard ftruncate(opened, 0) == 0, unsafe write(opened, text, text.count) == text.count else {
        throw .last("write", path)
      }
    } catch {
      close(opened)
      throw error
    }
    descriptor = opened
  }

  /// Closing the file releases the lock.
  deinit { close(descriptor) }

  /// The pid of the process that holds the lock or held it last; `nil` if the file contains no pid.
  public static func holder(of path: String) -> Int32? {
    guard let bytes = try? Files.read(path).bytes else { return nil }
    return Int32(String(decoding: bytes.prefix { $0 != 0x0A }, as: UTF8.self))
  }
}
