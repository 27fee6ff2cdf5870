import Linux

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

extension FileSystemUse {
  init(_ counters: FileSystemCounters) {
    self.init(
      mountPoint: counters.mountPoint, mountPoints: counters.mountPoints,
      device: counters.device, type: counters.type,
      total: counters.space?.total ?? 0, used: counters.space?.used ?? 0,
      available: counters.space?.available ?? 0, isStalled: counters.isStalled,
      isReadOnly: counters.isReadOnly)
  }
}

extension FileSystemUse {
  static func += (sum: inout FileSystemUse, one: FileSystemUse) {
    func added(_ left: UInt64, _ right: UInt64) -> UInt64 {
      let (total, isTooLarge) = left.addingReportingOverflow(right)
      return isTooLarge ? .max : total
    }
    sum.total = added(sum.total, one.total)
    sum.used = added(sum.used, one.used)
    sum.available = added(sum.available, one.available)
    sum.isStalled = sum.isStalled || one.isStalled
  }
}
