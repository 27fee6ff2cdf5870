import ProcFS

/// What the machine as a whole did over some time.
struct SystemUse: Sendable, Equatable {
  /// Seconds that were measured.
  var seconds: Double
  /// Where the time of all CPUs went.
  var modes: CPUTime
  /// Processes and threads that were created, per second; `nil` when the kernel does not say.
  var forksPerSecond: Double?
  var ledger: Ledger
  /// What the ledger was made from.
  var counted: Ledger.Counted

  /// Share of the time of all CPUs in which they were busy, from 0 to 1.
  var busyShare: Double { modes.share(modes.busy) }

  /// - Returns: `nil` when nothing was measured.
  init?(_ totals: LedgerBook.Totals, ticksPerSecond: Double) {
    counted = Ledger.Counted(totals, ticksPerSecond: ticksPerSecond)
    guard let ledger = Ledger(counted) else { return nil }
    self.ledger = ledger
    seconds = Double(totals.cpu.measured) / 1e9
    modes = totals.cpu
    if totals.forksMeasured > 0 {
      forksPerSecond = Double(totals.forks) * 1e9 / Double(totals.forksMeasured)
    }
  }
}
