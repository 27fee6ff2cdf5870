import ProcFS

/// The sums of the ledger since the start, at each sweep of the window.
///
/// A sum over any stretch is then the difference of two entries, whatever vanished in between.
struct LedgerBook: Sendable {
  /// Everything that was counted until one sweep.
  struct Totals: Sendable, Equatable {
    /// Measured time, in nanoseconds, over which the rest was counted.
    var nanoseconds: Int64 = 0
    /// What /proc/stat counted.
    var modes = CPUModes()
    /// What live processes used, kernel threads left out.
    var processes: UInt64 = 0
    /// What the kernel's own threads used.
    var kernelThreads: UInt64 = 0
    /// What children used that ended before they were seen.
    var endedChildren: UInt64 = 0
    /// Processes and threads that were created.
    var forks: UInt64 = 0
    /// Measured time, in nanoseconds, over which ``forks`` were counted: a /proc/stat may lack them.
    var forksNanoseconds: Int64 = 0
  }

  private var totals: [Totals] = []
  private var oldest = 0

  /// Enters what one interval added, and forgets the entries before a sweep.
  mutating func add(_ interval: Totals?, oldest: Int) {
    var next = totals.last ?? Totals()
    if let interval {
      next.nanoseconds += interval.nanoseconds
      next.modes += interval.modes
      next.processes += interval.processes
      next.kernelThreads += interval.kernelThreads
      next.endedChildren += interval.endedChildren
      next.forks += interval.forks
      next.forksNanoseconds += interval.forksNanoseconds
    }
    totals.append(next)
    totals.removeFirst(min(totals.count - 1, max(0, oldest - self.oldest)))
    self.oldest = oldest
  }

  /// What was counted from a sweep until the newest one.
  ///
  /// - Returns: `nil` when the sweep is not kept or nothing was counted since.
  func since(_ sweep: Int) -> Totals? {
    guard sweep >= oldest, sweep - oldest < totals.count, let now = totals.last else { return nil }
    let then = totals[sweep - oldest]
    guard now.nanoseconds > then.nanoseconds else { return nil }
    return Totals(
      nanoseconds: now.nanoseconds - then.nanoseconds,
      modes: now.modes.growth(since: then.modes),
      processes: now.processes - then.processes,
      kernelThreads: now.kernelThreads - then.kernelThreads,
      endedChildren: now.endedChildren - then.endedChildren,
      forks: now.forks - then.forks,
      forksNanoseconds: now.forksNanoseconds - then.forksNanoseconds)
  }
}
