import ProcFS

/// The numbers of a snapshot that are recorded: those of /system, with the same names and units, and what adds up.
enum SeriesValues {
  static func of(_ snapshot: Snapshot) -> [(Series, Double)] {
    var values = Collected()
    values.add(.whole("cpu_count"), Double(snapshot.cpuCount))
    if let use = snapshot.recentUse {
      modes(use, &values)
      ledger(use, &values)
      values.add(.decimal("forks_per_second"), use.forksPerSecond)
    } else if snapshot.interval != nil {
      // Time passed of which the kernel's counters say nothing.
      values.add(PointWeights.countedCPUs, 0)
      values.add(PointWeights.measured, 0)
    }
    processes(snapshot, &values)
    host(snapshot.machine, &values)
    own(snapshot, &values)
    return values.list
  }

  /// Values in a fixed order, without those that are missing.
  struct Collected {
    var list: [(Series, Double)] = []

    mutating func add(_ series: Series, _ value: Double?) {
      if let value { list.append((series, value)) }
    }
  }

  /// Percent of all CPUs, and how many those were.
  private static func modes(_ use: SystemUse, _ values: inout Collected) {
    let time = use.modes
    func add(_ name: String, _ part: Int64) {
      values.add(.decimal("cpu.\(name)_percent"), time.share(part) * 100)
    }
    add("busy", time.busy)
    add("user", time.user)
    add("nice", time.nice)
    add("system", time.system)
    add("idle", time.idle)
    add("iowait", time.iowait)
    add("irq", time.irq)
    add("softirq", time.softirq)
    add("steal", time.steal)
    add("guest", time.guest)
    values.add(PointWeights.countedCPUs, Double(time.total) / Double(time.measured))
  }

  /// Percent of one CPU, as it was counted and before anything is cut; see ``LedgerSums``.
  private static func ledger(_ use: SystemUse, _ values: inout Collected) {
    let counted = use.counted
    func percent(_ time: Int64) -> Double { Double(time) / Double(counted.measured) * 100 }
    func add(_ part: LedgerSums.Part, _ value: Double) { values.add(part.series, value) }
    add(.busy, percent(counted.busy))
    add(.processes, percent(counted.processes))
    add(.endedChildren, percent(counted.endedChildren))
    add(.kernelThreads, percent(counted.kernelThreads))
    add(.interrupts, percent(counted.interrupts))
    add(.steal, percent(counted.steal))
    add(.unaccounted, use.ledger.unaccounted * 100)
    add(.coverage, use.ledger.coverage * 100)
    add(.excess, use.ledger.excess * 100)
    values.add(LedgerSums.counted, percent(counted.busy))
    values.add(LedgerSums.accounted, percent(counted.claimed))
    values.add(PointWeights.measured, 100)
  }

  private static func processes(_ snapshot: Snapshot, _ values: inout Collected) {
    values.add(.whole("processes.total"), Double(snapshot.processes.count))
    var counts: [ProcessState: Int] = [:]
    for row in snapshot.processes { counts[row.state, default: 0] += 1 }
    for state in ProcessState.allCases {
      values.add(.whole("processes.\(state.rawValue)"), Double(counts[state] ?? 0))
    }
  }

  /// What the server itself costs.
  private static func own(_ snapshot: Snapshot, _ values: inout Collected) {
    values.add(.time("self.sweep_seconds"), snapshot.sweepCost.duration)
    values.add(.time("self.sample_lag_seconds"), snapshot.sweepCost.lag)
    guard let pid = snapshot.surroundings.ownPID,
      let row = snapshot.processes.first(where: { $0.identity.pid == pid })
    else { return }
    values.add(.decimal("self.cpu_percent"), row.recent.map { $0.total * 100 })
    values.add(.bytes("self.rss_bytes"), row.residentBytes.map { Double($0) })
  }
}
