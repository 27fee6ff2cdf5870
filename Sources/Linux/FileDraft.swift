import CLinux
import Glibc

/// A file that appears complete or not at all: it is written under a temporary name and then renamed.
///
/// The initializer fails if the file cannot be written. A draft that is not published leaves nothing behind.
public final class FileDraft: Sendable {
  private let path: String
  private let draft: String
  private let descriptor: Int32

  /// Creates a draft for a path.
  ///
  /// The old content stays until ``publish(_:)``.
  ///
  /// Follows a symbolic link. See open(2), `O_EXCL`.
  ///
  /// - Throws: ``SystemCallError`` if the folder is not writable, or if the path exists and is not a regular file: a
  ///   folder cannot be replaced, and replacing /dev/null would damage the system.
  public init(for path: String) throws(SystemCallError) {
    self.path = try Files.place(of: path)
    // The pid alone is not unique: in containers every run may have the same one, and a killed run leaves its draft.
    draft = "\(self.path).\(getpid())-\(Instant.monotonicNow()).part"
    descriptor = unsafe clinux_openat_create(
      AT_FDCWD, draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw .last("open", path) }
  }

  deinit {
    close(descriptor)
    // Fails harmlessly if the draft was published.
    _ = unsafe unlink(draft)
  }

  /// Writes the content, syncs it to the disk and renames the file to its final path.
  ///
  /// See fsync(2), rename(2).
  public func publish(_ bytes: [UInt8]) throws(SystemCallError) {
    try Files.write(bytes, to: descriptor, path: path)
    guard fsync(descriptor) == 0 else { throw .last("fsync", path) }
    guard unsafe rename(draft, path) == 0 else { throw .last("rename", path) }
    try Files.syncFolder(of: path)
  }
}
