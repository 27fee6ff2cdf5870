import ProcFS

/// The sums of the ledger since the start, at each sweep of the window.
///
/// A sum over any stretch is then the difference of two entries, whatever vanished in between.
struct LedgerBook: Sendable {
  /// Everything that was counted until one sweep.
  struct Totals: Sendable, Equatable {
    /// What /proc/stat counted, and the time over which all of this was counted.
    var cpu = CPUTime()
    /// Nanoseconds of which the counters of /proc/stat say nothing.
    var unknown: Int64 = 0
    /// Ticks that live processes used, kernel threads left out.
    var processes: UInt64 = 0
    /// Ticks that the kernel's own threads used.
    var kernelThreads: UInt64 = 0
    /// Ticks that children used that ended before they were seen.
    var endedChildren: UInt64 = 0
    /// Processes and threads that were created.
    var forks: UInt64 = 0
    /// Nanoseconds over which ``forks`` were counted.
    var forksMeasured: Int64 = 0
  }

  private var totals: [Totals] = []
  private var oldest = 0

  /// Enters what one interval added, and forgets the entries before a sweep.
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

  /// What was counted from a sweep until the newest one; `nil` when the sweep is not kept.
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
