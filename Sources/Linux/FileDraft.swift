import CLinux
import Glibc

/// A file that appears whole or not at all: it is written beside its place and then renamed.
///
/// Whether that is possible is known from the start. A draft that is not published leaves nothing behind.
public final class FileDraft: Sendable {
  private let path: String
  private let draft: String
  private let descriptor: Int32

  /// Begins a file for a place, whose old content stays until ``publish(_:)``.
  ///
  /// See open(2), `O_EXCL`. A place that is a link is followed to where it points.
  ///
  /// - Throws: ``SystemCallError`` when the folder cannot be written to, or when there is something at the place that is
  ///   not a regular file: to replace a folder fails, and to replace /dev/null would harm the machine.
  public init(for path: String) throws(SystemCallError) {
    self.path = try Self.place(of: path)
    draft = "\(self.path).\(getpid()).part"
    descriptor = unsafe clinux_openat_create(
      AT_FDCWD, draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw .last("open", path) }
  }

  deinit {
    close(descriptor)
    // Nothing is there any more when it was published.
    _ = unsafe unlink(draft)
  }

  /// Writes the content and puts it in its place.
  ///
  /// See rename(2).
  public func publish(_ bytes: [UInt8]) throws(SystemCallError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let written = unsafe rest.withUnsafeBytes {
        unsafe write(descriptor, $0.baseAddress, $0.count)
      }
      if written < 0 && errno == EINTR { continue }
      guard written > 0 else { throw .last("write", path) }
      rest = rest.dropFirst(written)
    }
    guard unsafe rename(draft, path) == 0 else { throw .last("rename", path) }
  }

  /// Where the path leads.
  ///
  /// See realpath(3).
  private static func place(of path: String) throws(SystemCallError) -> String {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { return path }
    switch status.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFDIR: throw SystemCallError(call: "open", subject: path, code: EISDIR)
    default: throw SystemCallError(call: "open", subject: path, code: EEXIST)
    }
    guard let resolved = unsafe realpath(path, nil) else { return path }
    defer { unsafe free(resolved) }
    return unsafe String(cString: resolved)
  }
}
