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
    self.path = try Files.place(of: path)
    // In containers every run may have the same pid, and one that was killed leaves its draft.
    draft = "\(self.path).\(getpid())-\(Instant.monotonicNow()).part"
    descriptor = unsafe clinux_openat_create(
      AT_FDCWD, draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw .last("open", path) }
  }

  deinit {
    close(descriptor)
    // Nothing is there any more when it was published.
    _ = unsafe unlink(draft)
  }

  /// Writes the content and puts it in its place, where it survives a power cut.
  ///
  /// See fsync(2), rename(2).
  public func publish(_ bytes: [UInt8]) throws(SystemCallError) {
    try Files.write(bytes, to: descriptor, path: path)
    guard fsync(descriptor) == 0 else { throw .last("fsync", path) }
    guard unsafe rename(draft, path) == 0 else { throw .last("rename", path) }
    try Files.syncFolder(of: path)
  }
}
