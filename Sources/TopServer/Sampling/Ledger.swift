import ProcFS

/// Where the busy time of all CPUs went, as fractions of one CPU: the parts add up to ``busy``.
struct Ledger: Sendable, Equatable {
  /// What /proc/stat counts as busy, time stolen by the hypervisor included.
  var busy: Double
  /// Live processes, kernel threads left out.
  var processes: Double
  /// Threads of the kernel.
  var kernelThreads: Double
  /// Children that ended before a sweep saw all they used.
  var endedChildren: Double
  /// Interrupts and softirqs, as far as they are not in the time of a process already.
  var interrupts: Double
  /// Time that the hypervisor gave to others.
  var steal: Double
  /// What nothing explains.
  var unaccounted: Double
  /// By how much the parts were more than ``busy`` before they were cut to it.
  ///
  /// The kernel counts processes to the nanosecond and CPUs by ticks, so over a second the two may disagree.
  var excess: Double

  /// The explained share of ``busy``, from 0 to 1; an idle machine is explained.
  var coverage: Double { busy > 0 ? (busy - unaccounted) / busy : 1 }

  init(_ totals: LedgerBook.Totals, ticksPerSecond: Double) {
    let modes = totals.modes
    var rest = modes.busy
    var claimed: UInt64 = 0
    // Each part takes what is left at most. Interrupts come last: kernels without CONFIG_IRQ_TIME_ACCOUNTING count them
    // in the process that they interrupted as well.
    func take(_ ticks: UInt64) -> UInt64 {
      claimed += ticks
      let taken = min(ticks, rest)
      rest -= taken
      return taken
    }
    let steal = take(modes.steal)
    let processes = take(totals.processes)
    let kernelThreads = take(totals.kernelThreads)
    let endedChildren = take(totals.endedChildren)
    let interrupts = take(modes.irq + modes.softirq)

    let scale = 1e9 / (Double(totals.nanoseconds) * ticksPerSecond)
    self.busy = Double(modes.busy) * scale
    self.steal = Double(steal) * scale
    self.interrupts = Double(interrupts) * scale
    self.processes = Double(processes) * scale
    self.kernelThreads = Double(kernelThreads) * scale
    self.endedChildren = Double(endedChildren) * scale
    unaccounted = Double(rest) * scale
    excess = Double(claimed > modes.busy ? claimed - modes.busy : 0) * scale
  }
}
