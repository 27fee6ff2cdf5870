import CLinux
import Glibc

/// A file that one process at a time can hold, until it lets go or ends, however it ends.
///
/// The file stays when the lock is gone: whoever removed it could remove the one that somebody else holds by then. See
/// flock(2).
public final class FileLock: Sendable {
  private let descriptor: Int32

  /// Takes the lock and writes our pid into the file, which is made when it is missing and which only its owner may read.
  ///
  /// - Throws: `EWOULDBLOCK` at once when somebody else holds it; ``holder(of:)`` says who.
  public init(path: String) throws(SystemCallError) {
    let flags = O_RDWR | O_CREAT | O_CLOEXEC
    let opened = unsafe clinux_openat_create(AT_FDCWD, path, flags, 0o600)
    guard opened >= 0 else { throw .last("open", path) }
    // An earlier version made it readable; that it belongs to another user is no reason not to lock it.
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

  /// Closing the file lets go of the lock.
  deinit { close(descriptor) }

  /// The pid of whoever holds the lock, or held it last; `nil` when the file says nothing of the kind.
  public static func holder(of path: String) -> Int32? {
    guard let bytes = try? Files.read(path).bytes else { return nil }
    return Int32(String(decoding: bytes.prefix { $0 != 0x0A }, as: UTF8.self))
  }
}
