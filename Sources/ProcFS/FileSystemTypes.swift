/// The file system types that use block devices, from /proc/filesystems.
///
/// See proc_filesystems(5).
public struct FileSystemTypes: Sendable, Equatable {
  /// The types without the mark `nodev`.
  public var onDevices: Set<String>

  public init(onDevices: Set<String> = []) { self.onDevices = onDevices }

  /// Parses the list.
  ///
  /// Any text is valid; the result may be empty.
  public init(parsing bytes: Span<UInt8>) {
    onDevices = []
    var lines = Lines()
    while let line = lines.next(bytes) {
      var fields = Fields(line)
      // A line of two words is the mark and a type.
      guard let word = fields.word(bytes), fields.word(bytes) == nil else { continue }
      onDevices.insert(String(repairing: bytes, word))
    }
  }
}
