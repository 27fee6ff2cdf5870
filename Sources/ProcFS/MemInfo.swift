/// The memory of the machine, in bytes, from /proc/meminfo.
///
/// See proc_meminfo(5). A line that is missing or makes no sense counts as 0; only `MemTotal` must be there.
public struct MemInfo: Sendable, Equatable {
  /// Memory that the kernel manages.
  public var total: UInt64
  /// What nobody uses for anything.
  public var free: UInt64 = 0
  /// What new work could have without swapping, as the kernel estimates it; on kernels before 3.14 the sum of what is free
  /// and what caches hold.
  public var available: UInt64 = 0
  /// Cached blocks of devices.
  public var buffers: UInt64 = 0
  /// Cached files, shared memory too.
  public var cached: UInt64 = 0
  /// Caches of the kernel's own that it can give back.
  public var sReclaimable: UInt64 = 0
  /// Shared memory and tmpfs.
  public var shmem: UInt64 = 0
  /// Used lately.
  public var active: UInt64 = 0
  /// Not used lately, and so the first to be taken away.
  public var inactive: UInt64 = 0
  /// Swap space.
  public var swapTotal: UInt64 = 0
  /// Swap space that is not used.
  public var swapFree: UInt64 = 0

  /// - Throws: ``ProcError/malformed(file:field:)`` when there is no total.
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

  /// The next word, in units of 1024 bytes.
  ///
  /// More than 2^58 bytes is a mistake; without the bound, sums could overflow.
  private static func amount(_ fields: inout Fields, _ bytes: Span<UInt8>) -> UInt64? {
    guard let kilobytes = fields.unsigned(bytes), kilobytes < 1 << 48 else { return nil }
    return kilobytes << 10
  }
}
