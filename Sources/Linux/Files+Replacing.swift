import Glibc

extension Files {
  /// Gives a file a new content, in one step: whoever reads it sees all of the old or all of the new.
  ///
  /// The content is written to a file beside it, which only its owner may read, and which then takes its name. See
  /// fsync(2), rename(2).
  public static func replace(_ path: String, with bytes: [UInt8]) throws(SystemCallError) {
    let draft = path + ".new"
    let descriptor = unsafe creat(draft, 0o600)
    guard descriptor >= 0 else { throw .last("creat", draft) }
    do throws(SystemCallError) {
      defer { close(descriptor) }
      try write(bytes, to: descriptor, path: draft)
      // Without it a power cut may leave the new name with nothing in it.
      guard fsync(descriptor) == 0 else { throw .last("fsync", draft) }
    } catch {
      _ = unsafe unlink(draft)
      throw error
    }
    guard unsafe Glibc.rename(draft, path) == 0 else { throw .last("rename", path) }
  }

  private static func write(
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
}
