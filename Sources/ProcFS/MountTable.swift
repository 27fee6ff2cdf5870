/// What is mounted in our mount namespace, from /proc/self/mountinfo.
///
/// See proc_pid_mountinfo(5). ``MountInfo`` is about the tree of /proc itself.
public struct MountTable: Sendable, Equatable {
  /// One mount.
  public struct Mount: Sendable, Equatable {
    /// The mount's number and that of the mount that it is on; `nil` when it is no number.
    var number: UInt64?
    var parent: UInt64?
    /// `major:minor` of what is mounted: two mounts of one file system have the same.
    public var deviceNumber: String
    /// Which folder of the file system is mounted, as bytes.
    public var root: [UInt8]
    /// Where it is mounted, as bytes: a path need be no UTF-8.
    public var path: [UInt8]
    /// For example `ext4` or `fuse.sshfs`.
    public var type: String
    /// The device, the server and its folder, or any other word.
    public var source: String
    /// The options of the file system, which all mounts of it share.
    public var options: [String]
  }

  /// In the kernel's order, without those that others hide.
  public var mounts: [Mount]

  /// A line that makes no sense is left out: it may not hide the other mounts.
  ///
  /// - Throws: ``ProcError/malformed(file:field:)`` when there are lines and none makes sense.
  public init(parsing bytes: Span<UInt8>, file: String) throws(ProcError) {
    let all = Self.mounts(bytes)
    guard !all.isEmpty || bytes.isEmpty else { throw .malformed(file: file, field: "mount") }
    mounts = all.visible
  }

  /// All mounts, those too that others hide.
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
  /// Whether the file system can be written to by nobody, through whichever mount.
  ///
  /// A mount may be read-only although its file system is not: a container sees its host's so.
  public var isReadOnly: Bool { options.contains("ro") }

  /// A line like `36 35 98:0 /root /mnt rw,noatime master:1 - ext3 /dev/sda1 rw`, whose optional words end at the dash.
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
