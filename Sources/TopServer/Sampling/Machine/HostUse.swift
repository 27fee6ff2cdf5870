import ProcFS

/// What the host uses beside the CPU: the levels of one instant, and the rates since the sweep before.
///
/// A part that the kernel does not show is absent; so are rates at the first sweep, and those of a disk or an interface
/// that was not there at the sweep before.
struct HostUse: Sendable, Equatable {
  var memory: MemoryUse?
  var swap: SwapUse?
  var load: LoadAverage?
  /// Seconds since boot, as the kernel says in /proc/uptime.
  var uptime: Double?
  /// Whole disks, those too that stand on others (device mapper, RAID).
  var disks: [DiskUse] = []
  /// What told whole disks from others; `nil` when there are no disks.
  var diskSource: DiskLayout.Source?
  /// All disks that stand on no other; its busy share is that of the busiest.
  var diskTotal: DiskUse?
  /// What the disks of ``diskTotal`` did since boot.
  var diskCounters: DiskCounters?
  /// Real file systems, each once.
  var fileSystems: [FileSystemUse] = []
  var network: [InterfaceUse] = []
  /// All interfaces but `lo`.
  var networkTotal: InterfaceUse?
  /// `nil` where the kernel measures none.
  var pressure: PressureUse?
  /// Which of the disks, file systems and interfaces are shown and recorded one by one.
  var listed = ListedNames()

  /// Used share of all real file systems that can fill up, from 0 to 1; `nil` when none of them has answered yet.
  var fileSystemUsedShare: Double? {
    let writable = fileSystems.filter { !$0.isReadOnly }
    let used = writable.reduce(0) { $0 + Double($1.used) }
    let usable = writable.reduce(used) { $0 + Double($1.available) }
    return usable > 0 ? used / usable : nil
  }
}

/// Memory in bytes, by the names of proc_meminfo(5).
struct MemoryUse: Sendable, Equatable {
  var total: UInt64
  /// What new work could have without swapping.
  var available: UInt64
  var free: UInt64
  var buffers: UInt64
  var cached: UInt64
  var active: UInt64
  var inactive: UInt64
  /// Shared memory and tmpfs, which ``cached`` holds too.
  var shared: UInt64 = 0
  /// Caches of the kernel's own that it can give back.
  var reclaimableSlab: UInt64 = 0

  /// What is not available.
  var used: UInt64 { total > available ? total - available : 0 }

  /// From 0 to 1.
  var usedShare: Double { total > 0 ? Double(used) / Double(total) : 0 }
}

/// Swap space in bytes.
struct SwapUse: Sendable, Equatable {
  var total: UInt64
  var free: UInt64

  var used: UInt64 { total > free ? total - free : 0 }

  /// From 0 to 1; 0 where there is no swap.
  var usedShare: Double { total > 0 ? Double(used) / Double(total) : 0 }
}

/// What a disk did since the sweep before; `nil` where a counter fell or leaped.
struct DiskUse: Sendable, Equatable {
  var name: String
  var readBytesPerSecond: Double?
  var writeBytesPerSecond: Double?
  var readsPerSecond: Double?
  var writesPerSecond: Double?
  /// Share of the time in which a request was under way, from 0 to 1.
  var busyShare: Double?
  /// Whether it stands on other disks, so that a sum would count the same bytes twice.
  var isStacked = false
}

/// What disks did since boot.
struct DiskCounters: Sendable, Equatable {
  var readCount: UInt64 = 0
  var writeCount: UInt64 = 0
  var readBytes: UInt64 = 0
  var writeBytes: UInt64 = 0
}

/// The space of a mounted file system, in bytes.
struct FileSystemUse: Sendable, Equatable {
  var mountPoint: String
  /// Everywhere it is mounted, if it is more than once: an alert may name it by any of its places.
  var mountPoints: [String] = []
  var device: String
  var type: String
  /// 0 when it has stalled before it ever answered.
  var total: UInt64
  var used: UInt64
  /// What processes without privilege may still fill.
  var available: UInt64
  /// Whether it did not answer the last question; then the other values are its last ones.
  var isStalled: Bool
  /// Whether nobody can write to it, so that it cannot fill up.
  var isReadOnly = false

  /// Used share of what may be used, from 0 to 1, as df(1) shows it.
  var usedShare: Double {
    let usable = Double(used) + Double(available)
    return usable > 0 ? Double(used) / usable : 0
  }
}

/// What a network interface carried since the sweep before; `nil` where a counter fell or leaped.
struct InterfaceUse: Sendable, Equatable {
  var name: String
  var receiveBytesPerSecond: Double?
  var transmitBytesPerSecond: Double?
  var receivePacketsPerSecond: Double?
  var transmitPacketsPerSecond: Double?
  var receiveErrorsPerSecond: Double?
  var transmitErrorsPerSecond: Double?
  var receiveDropsPerSecond: Double?
  var transmitDropsPerSecond: Double?
}

/// Shares of the time in which tasks waited for something, from 0 to 1.
struct PressureUse: Sendable, Equatable {
  var cpu: PressureLines?
  var memory: PressureLines?
  var io: PressureLines?
}

/// Pressure on one resource.
struct PressureLines: Sendable, Equatable {
  /// At least one task waited.
  var some: PressureLine
  /// Nobody could go on; `nil` on kernels that do not say so of the CPU.
  var full: PressureLine?
}

/// Shares of the time, over several spans.
struct PressureLine: Sendable, Equatable {
  /// The kernel's running average over ten seconds.
  var average10: Double
  /// The same over a minute.
  var average60: Double
  /// The same over five minutes.
  var average300: Double
  /// Since the sweep before, exact; `nil` at the first, and where the counter fell or leaped.
  var recent: Double?
}
