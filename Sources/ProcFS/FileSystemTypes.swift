/// The types of file systems that the kernel has on block devices, from /proc/filesystems.
///
/// See proc_filesystems(5).
public struct FileSystemTypes: Sendable, Equatable {
  /// Those that are not marked `nodev`.
  public var onDevices: Set<String>

  public init(onDevices: Set<String> = []) { self.onDevices = onDevices }

  /// Any text is such a list, if an empty one.
  public init(parsing bytes: Span<UInt8>) {
    onDevices = []
    var lines = Lines()
    while let line = lines.next(bytes) {
      var fields = Fields(line)
      // Two words are the mark and the type.
      guard let word = fields.word(bytes), fields.word(bytes) == nil else { continue }
      onDevices.insert(String(repairing: bytes, word))
    }
  }
}
