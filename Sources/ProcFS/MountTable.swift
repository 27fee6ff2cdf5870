/// The mounts in our mount namespace, from /proc/self/mountinfo.
///
/// See proc_pid_mountinfo(5). ``MountInfo`` describes the mount of /proc itself.
public struct MountTable: Sendable, Equatable {
  /// One mount.
  public struct Mount: Sendable, Equatable {
    /// The ids of the mount and of its parent mount; `nil` if the field is not a number.
    var number: UInt64?
    var parent: UInt64?
    /// The `major:minor` numbers of the device; equal for all mounts of a file system.
    public var deviceNumber: String
    /// The mounted folder of the file system, as bytes.
    public var root: [UInt8]
    /// The mount point as bytes, since a path need not be valid UTF-8.
    public var path: [UInt8]
    /// The type, for example `ext4` or `fuse.sshfs`.
    public var type: String
    /// The device, or the server and its folder, or any other word.
    public var source: String
    /// The options of the file system, which all its mounts share.
    public var options: [String]
  }

  /// The visible mounts, in the kernel's order.
  public var mounts: [Mount]

  /// Skips invalid lines, so that one bad line does not hide the other mounts.
  ///
  /// - Throws: ``ProcError/malformed(file:field:)`` if there are lines and none is valid.
  public init(parsing bytes: Span<UInt8>, file: String) throws(ProcError) {
    let all = Self.mounts(bytes)
    guard !all.isEmpty || bytes.isEmpty else { throw .malformed(file: file, field: "mount") }
    mounts = all.visible
  }

  /// All mounts, including covered ones.
  static func mounts(_ bytes: Span<UInt8>) -> [Mount] {
    var all: [Mount] = []
    var lines = Lines()
    while let line = lines.next(bytes) {
      if let mount = Mount(line, bytes) { all.append(mount) }
    }
    return all
  }
}

extension MountTable.Mount {
  /// Whether the file system itself is read-only, so that no mount of it is writable.
  ///
  /// A mount may be read-only although its file system is not: containers mount the host's file systems this way.
  public var isReadOnly: Bool { options.contains("ro") }

  /// Parses a line like `36 35 98:0 /root /mnt rw,noatime master:1 - ext3 /dev/sda1 rw`.
  ///
  /// A dash ends the optional fields.
  fileprivate init?(_ line: Range<Int>, _ bytes: Span<UInt8>) {
    var fields = Fields(line)
    guard let number = fields.word(bytes), let parent = fields.word(bytes),
      let device = fields.word(bytes), let root = fields.word(bytes), let path = fields.word(bytes)
    else { return nil }
    fields.skip(1, bytes)  // options of this mount
    while let word = fields.word(bytes) {
      guard word.count == 1, bytes[word.lowerBound] == UInt8(ascii: "-") else { continue }
      guard let type = fields.word(bytes), let source = fields.word(bytes) else { return nil }
      let options = fields.word(bytes).map { String(repairing: bytes, $0) } ?? ""
      self.init(
        number: Self.number(bytes, number), parent: Self.number(bytes, parent),
        deviceNumber: String(repairing: bytes, device), root: EscapedPath.decode(bytes, root),
        path: EscapedPath.decode(bytes, path), type: Self.text(bytes, type),
        source: Self.text(bytes, source),
        options: options.split(separator: ",").map { String($0) })
      return
    }
    return nil
  }

  private static func number(_ bytes: Span<UInt8>, _ word: Range<Int>) -> UInt64? {
    var fields = Fields(word)
    return fields.unsigned(bytes)
  }

  private static func text(_ bytes: Span<UInt8>, _ word: Range<Int>) -> String {
    String(decoding: EscapedPath.decode(bytes, word), as: UTF8.self)
  }
}
