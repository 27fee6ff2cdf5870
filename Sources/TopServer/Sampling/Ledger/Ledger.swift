import ProcFS

/// Divides the busy time of all CPUs by cause, in fractions of one CPU: the parts add up to ``busy``.
struct Ledger: Sendable, Equatable {
  /// The time in which CPUs were busy, including the time that the hypervisor stole.
  var busy: Double
  /// Live processes, without kernel threads.
  var processes: Double
  /// Kernel threads.
  var kernelThreads: Double
  /// Children that exited before a sweep saw all of their CPU time.
  var endedChildren: Double
  /// Interrupts and softirqs, except the part that the kernel charged to a process.
  var interrupts: Double
  /// The time that the hypervisor gave to other guests.
  var steal: Double
  /// The busy time that no other part explains.
  var unaccounted: Double
  /// The amount by which the parts exceeded ``busy`` before they were cut to it.
  ///
  /// The kernel counts processes in nanoseconds and CPUs in ticks, so the two may disagree over a second.
  var excess: Double

  /// The explained share of ``busy``, from 0 to 1; an idle machine has a coverage of 1.
  var coverage: Double { busy > 0 ? (busy - unaccounted) / busy : 1 }

  /// Cuts the counted parts to the busy time.
  ///
  /// - Returns: `nil` when no time was measured.
  init?(_ counted: Counted) {
    guard counted.measured > 0 else { return nil }
    var rest = counted.busy
    // Each part gets at most the remaining time. Interrupts come last: kernels without CONFIG_IRQ_TIME_ACCOUNTING also
    // charge them to the interrupted process.
    func claim(_ part: Int64) -> Double {
      let taken = min(part, rest)
      rest -= taken
      return share(taken)
    }
    func share(_ nanoseconds: Int64) -> Double { Double(nanoseconds) / Double(counted.measured) }
    busy = share(counted.busy)
    steal = claim(counted.steal)
    processes = claim(counted.processes)
    kernelThreads = claim(counted.kernelThreads)
    endedChildren = claim(counted.endedChildren)
    interrupts = claim(counted.interrupts)
    unaccounted = share(rest)
    excess = share(max(0, counted.claimed - counted.busy))
  }

  /// The counted nanoseconds before any cut, which add up over time.
  struct Counted: Sendable, Equatable {
    /// The elapsed time.
    var measured: Int64 = 0
    var busy: Int64 = 0
    var steal: Int64 = 0
    var processes: Int64 = 0
    var kernelThreads: Int64 = 0
    var endedChildren: Int64 = 0
    var interrupts: Int64 = 0

    /// The sum of the parts.
    var claimed: Int64 { steal + processes + kernelThreads + endedChildren + interrupts }
  }
}

extension Ledger.Counted {
  init(_ totals: LedgerBook.Totals, ticksPerSecond: Double) {
    func nanoseconds(_ ticks: UInt64) -> Int64 {
      Int64((Double(ticks) * 1e9 / ticksPerSecond).rounded())
    }
    measured = totals.cpu.measured
    busy = totals.cpu.busy
    steal = totals.cpu.steal
    interrupts = totals.cpu.irq + totals.cpu.softirq
    processes = nanoseconds(totals.processes)
    kernelThreads = nanoseconds(totals.kernelThreads)
    endedChildren = nanoseconds(totals.endedChildren)
  }
}
