import ProcFS

/// Where the busy time of all CPUs went, as fractions of one CPU: the parts add up to ``busy``.
struct Ledger: Sendable, Equatable {
  /// Time in which CPUs were busy, time stolen by the hypervisor included.
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

  /// Cuts what was counted to the busy time.
  ///
  /// - Returns: `nil` when nothing was measured.
  init?(_ counted: Counted) {
    guard counted.measured > 0 else { return nil }
    var rest = counted.busy
    // Each part takes what is left at most. Interrupts come last: kernels without CONFIG_IRQ_TIME_ACCOUNTING count them
    // in the process that they interrupted as well.
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

  /// What was counted, in nanoseconds, before anything is cut: it adds up over time.
  struct Counted: Sendable, Equatable {
    /// The time that passed meanwhile.
    var measured: Int64 = 0
    var busy: Int64 = 0
    var steal: Int64 = 0
    var processes: Int64 = 0
    var kernelThreads: Int64 = 0
    var endedChildren: Int64 = 0
    var interrupts: Int64 = 0

    /// The parts together.
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
