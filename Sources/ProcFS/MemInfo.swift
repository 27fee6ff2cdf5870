/// The memory of the machine in bytes, from /proc/meminfo.
///
/// A missing or invalid line counts as 0; only `MemTotal` is required. See proc_meminfo(5).
public struct MemInfo: Sendable, Equatable {
  /// Memory managed by the kernel.
  public var total: UInt64
  /// Unused memory.
  public var free: UInt64 = 0
  /// The kernel's estimate of the memory available to new processes without swapping.
  ///
  /// Before Linux 3.14: the sum of free memory, buffers and page cache.
  public var available: UInt64 = 0
  /// Cached blocks of block devices.
  public var buffers: UInt64 = 0
  /// Cached files, including shared memory.
  public var cached: UInt64 = 0
  /// Reclaimable kernel caches (slab).
  public var sReclaimable: UInt64 = 0
  /// Shared memory and tmpfs.
  public var shmem: UInt64 = 0
  /// Recently used memory.
  public var active: UInt64 = 0
  /// Memory not used recently, which is reclaimed first.
  public var inactive: UInt64 = 0
  /// Total swap space.
  public var swapTotal: UInt64 = 0
  /// Unused swap space.
  public var swapFree: UInt64 = 0

  public init(total: UInt64, available: UInt64) {
    (self.total, self.available) = (total, available)
  }

  /// - Throws: ``ProcError/malformed(file:field:)`` if there is no total.
  public init(parsing bytes: Span<UInt8>, file: String) throws(ProcError) {
    total = 0
    var hasTotal = false
    var available: UInt64?
    var lines = Lines()
    while let line = lines.next(bytes) {
      var fields = Fields(line)
      guard let name = fields.word(bytes), let value = Self.amount(&fields, bytes) else { continue }
      switch String(repairing: bytes, name) {
      case "MemTotal:": (total, hasTotal) = (value, true)
      case "MemFree:": free = value
      case "MemAvailable:": available = value
      case "Buffers:": buffers = value
      case "Cached:": cached = value
      case "SReclaimable:": sReclaimable = value
      case "Shmem:": shmem = value
      case "Active:": active = value
      case "Inactive:": inactive = value
      case "SwapTotal:": swapTotal = value
      case "SwapFree:": swapFree = value
      default: break
      }
    }
    guard hasTotal else { throw .malformed(file: file, field: "MemTotal") }
    self.available = available ?? free + buffers + cached
  }

  /// The next word, in units of 1024 bytes, converted to bytes.
  ///
  /// A value of 2^58 bytes or more is invalid; the bound prevents overflow in sums.
  private static func amount(_ fields: inout Fields, _ bytes: Span<UInt8>) -> UInt64? {
    guard let kilobytes = fields.unsigned(bytes), kilobytes < 1 << 48 else { return nil }
    return kilobytes << 10
  }
}
