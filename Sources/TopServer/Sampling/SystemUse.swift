import ProcFS

/// What the machine as a whole did over some time.
struct SystemUse: Sendable, Equatable {
  /// Seconds that were measured.
  var seconds: Double
  /// Clock ticks of all CPUs, by mode.
  var modes: CPUModes
  /// Processes and threads that were created, per second; `nil` where the kernel counts none.
  var forksPerSecond: Double?
  var ledger: Ledger

  /// Share of the time of all CPUs in which they were busy, from 0 to 1.
  var busyShare: Double { Double(modes.busy) / Double(max(1, modes.total)) }

  init(_ totals: LedgerBook.Totals, ticksPerSecond: Double) {
    seconds = Double(totals.nanoseconds) / 1e9
    modes = totals.modes
    if totals.forksNanoseconds > 0 {
      forksPerSecond = Double(totals.forks) * 1e9 / Double(totals.forksNanoseconds)
    }
    ledger = Ledger(totals, ticksPerSecond: ticksPerSecond)
  }
}
