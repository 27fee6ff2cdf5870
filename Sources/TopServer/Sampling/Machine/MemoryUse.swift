import ProcFS

/// Memory in bytes, by the names of proc_meminfo(5).
struct MemoryUse: Sendable, Equatable {
  var total: UInt64
  /// Memory that new programs can use without swapping.
  var available: UInt64
  var free: UInt64
  var buffers: UInt64
  var cached: UInt64
  var active: UInt64
  var inactive: UInt64
  /// Shared memory and tmpfs, which ``cached`` includes.
  var shared: UInt64 = 0
  /// Kernel caches that the kernel can reclaim.
  var reclaimableSlab: UInt64 = 0

  /// Memory that is not available.
  var used: UInt64 { total > available ? total - available : 0 }

  /// From 0 to 1.
  var usedShare: Double { total > 0 ? Double(used) / Double(total) : 0 }
}

extension MemoryUse {
  init(_ info: MemInfo) {
    self.init(
      total: info.total, available: min(info.available, info.total), free: info.free,
      buffers: info.buffers, cached: info.cached, active: info.active, inactive: info.inactive,
      shared: info.shmem, reclaimableSlab: info.sReclaimable)
  }
}

/// Swap space in bytes.
struct SwapUse: Sendable, Equatable {
  var total: UInt64
  var free: UInt64

  var used: UInt64 { total > free ? total - free : 0 }

  /// From 0 to 1; 0 where there is no swap.
  var usedShare: Double { total > 0 ? Double(used) / Double(total) : 0 }
}
