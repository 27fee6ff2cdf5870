/// What the block devices did since boot, from /proc/diskstats.
///
/// See proc_diskstats(5) and the kernel's admin-guide/iostats.
public struct DiskStats: Sendable, Equatable {
  /// One device: a disk, a partition, or one that stands on others.
  public struct Device: Sendable, Equatable {
    /// As in /dev; bytes that are no UTF-8 became U+FFFD.
    public var name: String
    /// Reads that were completed.
    public var reads: UInt64
    public var readBytes: UInt64
    /// Writes that were completed.
    public var writes: UInt64
    public var writtenBytes: UInt64
    /// Milliseconds in which a request was under way.
    ///
    /// The kernel keeps 32 bits of it: after 49 days of work it begins anew.
    public var busyMilliseconds: UInt64
    /// Whether it stands on others that are listed, which count the same bytes again; see ``DiskLayout``.
    public var isStacked = false
  }

  /// In the kernel's order.
  public var devices: [Device]

  /// A line that makes no sense is left out: it may not hide the other devices.
  ///
  /// - Throws: ``ProcError/malformed(file:field:)`` when there are lines and none makes sense.
  public init(parsing bytes: Span<UInt8>, file: String) throws(ProcError) {
    devices = []
    var lines = Lines()
    while let line = lines.next(bytes) {
      var fields = Fields(line)
      if let device = Device(&fields, bytes) { devices.append(device) }
    }
    guard !devices.isEmpty || bytes.isEmpty else { throw .malformed(file: file, field: "device") }
  }
}

extension DiskStats.Device {
  /// The kernel counts in sectors of this size, whatever the device has.
  private static let sectorBytes: UInt64 = 512

  fileprivate init?(_ fields: inout Fields, _ bytes: Span<UInt8>) {
    fields.skip(2, bytes)  // major, minor
    guard let name = fields.word(bytes), let reads = fields.counter(bytes) else { return nil }
    fields.skip(1, bytes)  // reads merged
    guard let readBytes = Self.bytes(fields.counter(bytes)) else { return nil }
    fields.skip(1, bytes)  // milliseconds reading
    guard let writes = fields.counter(bytes) else { return nil }
    fields.skip(1, bytes)  // writes merged
    guard let writtenBytes = Self.bytes(fields.counter(bytes)) else { return nil }
    fields.skip(2, bytes)  // milliseconds writing, requests under way
    guard let busy = fields.counter(bytes) else { return nil }
    self.init(
      name: String(repairing: bytes, name), reads: reads, readBytes: readBytes,
      writes: writes, writtenBytes: writtenBytes, busyMilliseconds: busy)
  }

  /// - Returns: `nil` for more bytes than 64 bits can count.
  private static func bytes(_ sectors: UInt64?) -> UInt64? {
    guard let sectors, sectors <= .max / sectorBytes else { return nil }
    return sectors * sectorBytes
  }

  /// Whether what is called so is memory or a file in disguise.
  static func isPseudo(_ name: String) -> Bool { DiskName(name).isPseudo }
}
