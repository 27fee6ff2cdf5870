import Linux
import ProcFS

extension Measures {
  static let cpuCount = Measure<Snapshot>.count("cpu_count", "The number of CPUs that are online.")
  {
    UInt64(max(0, $0.cpuCount))
  }.ofOtherHosts(.possible(.cpuCount, in: 1...1_000_000))

  static let interval = Measure<Snapshot>.seconds(
    "interval_seconds", "The measured time since the sample before.", decimals: 3
  ) { $0.interval }.unrecorded()

  static let window = Measure<Snapshot>.seconds(
    "window_seconds", "The time that the averages actually cover.", decimals: 3
  ) { $0.window }.unrecorded()

  static let uptime = Measure<Snapshot>.seconds(
    "uptime_seconds", "Time since boot, including time suspended."
  ) { Double($0.time.sinceBoot) / 1e9 }.unrecorded()
    .ofOtherHosts(.possible(.uptime, in: 0...1e9))

  static let machine = Family("", of: { $0 }, [interval, window, uptime, cpuCount])

  /// The CPU time by the modes of /proc/stat.
  static let cpu = Family<CPUTime>(
    "cpu", rule: .whole, of: { $0.recentUse?.modes },
    // Counters that did not change give no value.
    watched: { $0.recentUse.flatMap { $0.modes.total > 0 ? $0.modes : nil } },
    [
      share("busy", "All time that was not idle and not waiting for I/O.", { $0.busy })
        .ofOtherHosts(.following(.busy, series: 1) { $0.busyOfParts ?? $0[.busy] })
        .watched(
          AlertUse(
            name: "cpu", subject: "CPU", missing: { $0.missingCPUReason }, isAboutCPU: true,
            averaging: .seconds(10))),
      share("user", "Time in user mode.", { $0.user }).ofOtherHosts(.percent(.user, series: 2)),
      share("nice", "Time in user mode of processes with low priority.", { $0.nice })
        .ofOtherHosts(.percent(.nice)),
      share("system", "Time in kernel mode.", { $0.system })
        .ofOtherHosts(.percent(.system, series: 3)),
      share("idle", "Idle time.", { $0.idle }).ofOtherHosts(.percent(.idle)),
      share("iowait", "Idle time while a task waited for I/O.", { $0.iowait })
        .ofOtherHosts(.percent(.iowait, series: 4)),
      share("irq", "Time in hardware interrupts.", { $0.irq }).ofOtherHosts(.percent(.irq)),
      share("softirq", "Time in soft interrupts.", { $0.softirq }).ofOtherHosts(.percent(.softirq)),
      share("steal", "Time that the hypervisor gave to other machines.", { $0.steal })
        .ofOtherHosts(.percent(.steal, series: 5)),
      share("guest", "Time in which this machine ran guests.", { $0.guest })
        .ofOtherHosts(.percent(.guest)),
      .number(
        "counted_cpus", "The number of CPUs that the counters of the kernel cover.", decimals: 4
      ) { Double($0.total) / Double($0.measured) }
      .hidden().recorded(parts: 10_000)
      .ofOtherHosts(.sum(.countedCPUs, as: "ledger.counted_cpus", upTo: 1e6, series: 11)),
    ])

  private static func share(
    _ name: String, _ help: String, _ part: @escaping @Sendable (CPUTime) -> Int64
  ) -> Measure<CPUTime> {
    .percent("\(name)_percent", of: .percentOfAllCPUs, help) { $0.share(part($0)) }
      .recorded(by: .cpus)
  }

  /// The busy time by cause.
  ///
  /// The history records the parts before they are reduced to it; see ``LedgerSums``.
  static let ledger = Family<SystemUse>(
    "ledger", of: { $0.recentUse }, watched: { $0.averageUse },
    [
      part(
        "busy", "The busy time; the six parts below add up to it.", { $0.busy },
        counted: { $0.busy }),
      part(
        "processes", "CPU time of processes, as seen in samples.", { $0.processes },
        counted: { $0.processes }),
      part(
        "ended_children",
        "Children that exited between two samples, from the counters of their parents.",
        { $0.endedChildren }, counted: { $0.endedChildren }),
      part(
        "kernel_threads", "The kernel's own threads.", { $0.kernelThreads },
        counted: { $0.kernelThreads }),
      part(
        "interrupts", "Interrupts that are not in the time of a process.", { $0.interrupts },
        counted: { $0.interrupts }),
      part(
        "steal", "Time that the hypervisor gave to other machines.", { $0.steal },
        counted: { $0.steal }),
      .percent(
        "unaccounted_percent", of: .percentOfOneCPU,
        "Busy time that is not attributed to any cause."
      ) {
        $0.ledger.unaccounted
      }.recorded(by: .ledger),
      .percent("coverage_percent", "How much of the busy time is explained.") { $0.ledger.coverage }
        .recorded(by: .ledger)
        .ofOtherHosts(.percent(.coverage, as: "coverage_percent", series: 8))
        .watched(
          AlertUse(
            name: "coverage", subject: "coverage", missing: { $0.missingCPUReason },
            read: { $0.ledger.noticeableCoverage }, readElsewhere: { $0.noticeableCoverage })),
      .percent(
        "excess_percent", of: .percentOfOneCPU,
        "By how much the parts exceeded the busy time before they were reduced to it."
      ) { $0.ledger.excess }.recorded(by: .ledger),
    ])

  /// The sums from which the ledger of any time range is computed.
  ///
  /// See ``LedgerSums``. Agents send the sums of the newest interval, which add up, and not those of the window.
  static let ledgerSums = Family<SystemUse>(
    "ledger", rule: .all, of: { $0.recentUse },
    [
      .percent(
        "counted_percent", of: .percentOfOneCPU, "The busy time, with four decimals.", decimals: 4
      ) { $0.counted.share($0.counted.busy) }
      .hidden().recorded(parts: 10_000, by: .ledger)
      .ofOtherHosts(.sum(.counted, upTo: 1e8, series: 9)),
      .percent(
        "accounted_percent", of: .percentOfOneCPU,
        "What explains the busy time, before it is reduced.", decimals: 4
      ) { $0.counted.share($0.counted.claimed) }
      .hidden().recorded(parts: 10_000, by: .ledger)
      .ofOtherHosts(.sum(.accounted, upTo: 1e8, series: 10)),
      .percent(
        "measured_percent",
        "How much of the time the counters cover: 0 for an interval whose counters cannot be right."
      ) { _ in 1 }
      .hidden()
      .ofOtherHosts(.following(.measured, series: 12) { $0[.counted].map { _ in 1 } }),
    ])

  private static func part(
    _ name: String, _ help: String, _ shown: @escaping @Sendable (Ledger) -> Double,
    counted: @escaping @Sendable (Ledger.Counted) -> Int64
  ) -> Measure<SystemUse> {
    .percent("\(name)_percent", of: .percentOfOneCPU, help) { shown($0.ledger) }
      .recorded(by: .ledger) { $0.counted.share(counted($0.counted)) }
  }

  static let forksPerSecond = Measure<SystemUse>.countPerSecond(
    "forks_per_second", "New processes and threads."
  ) { $0.forksPerSecond }

  static let forks = Family("", of: { $0.recentUse }, [forksPerSecond])

  static let processes = Family<ProcessCounts>(
    "processes", of: { ProcessCounts($0) },
    [.count("total", "The number of processes.") { $0.total }]
      + ProcessState.allCases.enumerated().map { place, state in
        .count(state.rawValue, "The number of processes in the state \(state.rawValue).") {
          $0.byState[place]
        }
      })
}

/// The number of processes in each state.
struct ProcessCounts {
  var total: UInt64 = 0
  /// In the order of `ProcessState.allCases`.
  var byState = [UInt64](repeating: 0, count: ProcessState.allCases.count)

  init(_ snapshot: Snapshot) {
    var counts: [ProcessState: UInt64] = [:]
    for row in snapshot.processes { counts[row.state, default: 0] += 1 }
    total = UInt64(snapshot.processes.count)
    for (place, state) in ProcessState.allCases.enumerated() { byState[place] = counts[state] ?? 0 }
  }
}

extension Ledger.Counted {
  /// A time as a fraction of one CPU.
  fileprivate func share(_ nanoseconds: Int64) -> Double { Double(nanoseconds) / Double(measured) }
}

extension Snapshot {
  /// Why the CPU use is unknown.
  fileprivate var missingCPUReason: String {
    cpuCounting.unknownBecause
      ?? (recentUse == nil
        ? "/proc/stat could not be read" : "the CPU counters of /proc/stat did not grow")
  }
}

extension Ledger {
  /// The coverage, or 1 if too little time is unaccounted for: on an idle machine a few ticks are a large share.
  fileprivate var noticeableCoverage: Double {
    unaccounted > CoverageAdvice.noticeable ? coverage : 1
  }
}

extension AgentNumbers {
  /// The same for another host.
  fileprivate var noticeableCoverage: Double? {
    guard let coverage = self[.coverage], let busy = self[.busy], let cpus = self[.cpuCount] else {
      return nil
    }
    let missing = (1 - coverage) * busy * cpus
    return missing > CoverageAdvice.noticeable ? coverage : 1
  }

  /// The sum of the busy modes; `nil` if they are unknown.
  fileprivate var busyOfParts: Double? {
    let parts: [AgentPlace] = [.user, .nice, .system, .irq, .softirq, .steal, .guest]
    guard self[.user] != nil else { return nil }
    return min(1, parts.reduce(0) { $0 + (self[$1] ?? 0) })
  }
}
