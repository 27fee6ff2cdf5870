import ProcFS

/// The memory of a machine, in bytes.
struct MemoryUse: Sendable, Equatable {
  /// The values of /proc/meminfo; ``MemInfo/available`` is at most the total.
  let info: MemInfo

  init(_ info: MemInfo) {
    var info = info
    info.available = min(info.available, info.total)
    self.info = info
  }

  /// Memory that is not available.
  var used: UInt64 { info.total - info.available }

  /// From 0 to 1.
  var usedShare: Double { info.total > 0 ? Double(used) / Double(info.total) : 0 }
}

/// Swap space in bytes.
struct SwapUse: Sendable, Equatable {
  var total: UInt64
  var free: UInt64

  var used: UInt64 { total > free ? total - free : 0 }

  /// From 0 to 1; 0 where there is no swap.
  var usedShare: Double { total > 0 ? Double(used) / Double(total) : 0 }
}
