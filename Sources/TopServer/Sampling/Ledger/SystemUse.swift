import ProcFS

/// The CPU use of the whole machine over some time.
struct SystemUse: Sendable, Equatable {
  /// Measured seconds.
  var seconds: Double
  /// The time of all CPUs by mode.
  var modes: CPUTime
  /// Processes and threads created per second; `nil` when the kernel does not report them.
  var forksPerSecond: Double?
  var ledger: Ledger
  /// The sums from which the ledger was computed.
  var counted: Ledger.Counted

  /// The busy share of the time of all CPUs, from 0 to 1.
  var busyShare: Double { modes.share(modes.busy) }

  /// - Returns: `nil` when no time was measured.
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
