/// What is mounted in our mount namespace, from /proc/self/mountinfo.
///
/// See proc_pid_mountinfo(5). ``MountInfo`` is about the tree of /proc itself.
public struct MountTable: Sendable, Equatable {
  /// One mount.
  public struct Mount: Sendable, Equatable {
    /// `major:minor` of what is mounted: two mounts of one file system have the same.
    public var deviceNumber: String
    /// Where it is mounted, as bytes: a path need be no UTF-8.
    public var path: [UInt8]
    /// For example `ext4` or `fuse.sshfs`.
    public var type: String
    /// The device, the server and its folder, or any other word.
    public var source: String
  }

  /// In the kernel's order, without those that another one covers.
  public var mounts: [Mount]

  /// A line that makes no sense is left out: it may not hide the other mounts.
  ///
  /// - Throws: ``ProcError/malformed(file:field:)`` when there are lines and none makes sense.
  public init(parsing bytes: Span<UInt8>, file: String) throws(ProcError) {
    var all: [Mount] = []
    var lines = Lines()
    while let line = lines.next(bytes) {
      if let mount = Mount(line, bytes) { all.append(mount) }
    }
    guard !all.isEmpty || bytes.isEmpty else { throw .malformed(file: file, field: "mount") }
    // Of two at one place, the later one is seen.
    var covered: Set<[UInt8]> = []
    mounts = all.reversed().filter { covered.insert($0.path).inserted }.reversed()
  }
}

extension MountTable.Mount {
  /// A line like `36 35 98:0 /root /mnt rw,noatime master:1 - ext3 /dev/sda1 rw`, whose optional words end at the dash.
  fileprivate init?(_ line: Range<Int>, _ bytes: Span<UInt8>) {
    var fields = Fields(line)
    fields.skip(2, bytes)  // the mount's number, its parent's
    guard let number = fields.word(bytes) else { return nil }
    fields.skip(1, bytes)  // which folder of the file system
    guard let path = fields.word(bytes) else { return nil }
    fields.skip(1, bytes)  // options
    while let word = fields.word(bytes) {
      guard word.count == 1, bytes[word.lowerBound] == UInt8(ascii: "-") else { continue }
      guard let type = fields.word(bytes), let source = fields.word(bytes) else { return nil }
      self.init(
        deviceNumber: String(repairing: bytes, number), path: EscapedPath.decode(bytes, path),
        type: Self.text(bytes, type), source: Self.text(bytes, source))
      return
    }
    return nil
  }

  private static func text(_ bytes: Span<UInt8>, _ word: Range<Int>) -> String {
    String(decoding: EscapedPath.decode(bytes, word), as: UTF8.self)
  }
}
