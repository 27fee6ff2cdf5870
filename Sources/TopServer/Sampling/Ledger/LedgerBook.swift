import ProcFS

/// Keeps the running sums of the ledger at each sweep of the window.
///
/// The sum over any time range is the difference of two entries, even when processes exited within the range.
struct LedgerBook: Sendable {
  /// Everything that was counted up to one sweep.
  struct Totals: Sendable, Equatable {
    /// The counters of /proc/stat, and the time over which everything here was counted.
    var cpu = CPUTime()
    /// Nanoseconds for which /proc/stat has no valid counters.
    var unknown: Int64 = 0
    /// Ticks used by live processes, without kernel threads.
    var processes: UInt64 = 0
    /// Ticks used by kernel threads.
    var kernelThreads: UInt64 = 0
    /// Ticks of exited children that no sweep had seen while they lived.
    var endedChildren: UInt64 = 0
    /// Created processes and threads.
    var forks: UInt64 = 0
    /// Nanoseconds over which ``forks`` were counted.
    var forksMeasured: Int64 = 0
  }

  private var totals: [Totals] = []
  private var oldest = 0

  /// Adds the sums of one interval, and drops the entries before a sweep.
  mutating func add(_ interval: Totals, oldest: Int) {
    var next = totals.last ?? Totals()
    next.cpu = next.cpu + interval.cpu
    next.unknown += interval.unknown
    next.processes += interval.processes
    next.kernelThreads += interval.kernelThreads
    next.endedChildren += interval.endedChildren
    next.forks += interval.forks
    next.forksMeasured += interval.forksMeasured
    totals.append(next)
    totals.removeFirst(min(totals.count - 1, max(0, oldest - self.oldest)))
    self.oldest = oldest
  }

  /// The sums from a sweep to the newest one; `nil` when the sweep is no longer kept.
  func since(_ sweep: Int) -> Totals? {
    guard sweep >= oldest, sweep - oldest < totals.count, let now = totals.last else { return nil }
    let then = totals[sweep - oldest]
    return Totals(
      cpu: now.cpu - then.cpu, unknown: now.unknown - then.unknown,
      processes: now.processes - then.processes,
      kernelThreads: now.kernelThreads - then.kernelThreads,
      endedChildren: now.endedChildren - then.endedChildren,
      forks: now.forks - then.forks, forksMeasured: now.forksMeasured - then.forksMeasured)
  }
}
