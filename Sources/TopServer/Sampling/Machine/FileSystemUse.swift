import Linux

/// The space of a mounted file system, in bytes.
struct FileSystemUse: Sendable, Equatable {
  var mountPoint: String
  /// Every mount point, if there are several: an alert may name the file system by any of them.
  var mountPoints: [String] = []
  var device: String
  var type: String
  /// 0 when the file system stalled before its first answer.
  var total: UInt64
  var used: UInt64
  /// The bytes that unprivileged processes may still use.
  var available: UInt64
  /// Whether the last query went unanswered, so that the other values are from an earlier one.
  var isStalled: Bool
  /// Whether the file system itself is read-only, not just a mount of it, so that it cannot fill up.
  var isReadOnly = false

  /// The used share of the usable space, from 0 to 1, as df(1) shows it.
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
