/// The I/O counters of block devices since boot, from /proc/diskstats.
///
/// See proc_diskstats(5) and the kernel's admin-guide/iostats.
public struct DiskStats: Sendable, Equatable {
  /// A disk, a partition or a stacked device.
  public struct Device: Sendable, Equatable {
    /// The name as in /dev, with invalid UTF-8 replaced by U+FFFD.
    public var name: String
    /// Completed reads.
    public var reads: UInt64
    public var readBytes: UInt64
    /// Completed writes.
    public var writes: UInt64
    public var writtenBytes: UInt64
    /// Milliseconds in which at least one request was in progress.
    ///
    /// The kernel keeps 32 bits, so the counter wraps after 49 days of activity.
    public var busyMilliseconds: UInt64
    /// Whether the device is built on other listed devices, which count the same bytes; see ``DiskLayout``.
    public var isStacked = false
  }

  /// The devices in the kernel's order.
  public var devices: [Device]

  /// Skips invalid lines, so that one bad line does not hide the other devices.
  ///
  /// - Throws: ``ProcError/malformed(file:field:)`` if there are lines and none is valid.
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
  /// The kernel counts in sectors of this size, whatever the device's sector size is.
  private static let sectorBytes: UInt64 = 512

  fileprivate init?(_ fields: inout Fields, _ bytes: Span<UInt8>) {
    fields.skip(2, bytes)  // major, minor
    guard let name = fields.word(bytes), let reads = fields.unsigned(bytes) else { return nil }
    fields.skip(1, bytes)  // reads merged
    guard let readBytes = Self.bytes(fields.unsigned(bytes)) else { return nil }
    fields.skip(1, bytes)  // milliseconds reading
    guard let writes = fields.unsigned(bytes) else { return nil }
    fields.skip(1, bytes)  // writes merged
    guard let writtenBytes = Self.bytes(fields.unsigned(bytes)) else { return nil }
    fields.skip(2, bytes)  // milliseconds writing, requests under way
    guard let busy = fields.unsigned(bytes) else { return nil }
    self.init(
      name: String(repairing: bytes, name), reads: reads, readBytes: readBytes,
      writes: writes, writtenBytes: writtenBytes, busyMilliseconds: busy)
  }

  /// A number of bytes that does not fit 64 bits becomes the largest one: such a leap has no rate.
  private static func bytes(_ sectors: UInt64?) -> UInt64? {
    sectors.map { $0 <= .max / sectorBytes ? $0 * sectorBytes : .max }
  }

  /// Whether a device with this name is backed by memory or a file.
  static func isPseudo(_ name: String) -> Bool { DiskName(name).isPseudo }
}
