import ProcFS

/// The numbers of a snapshot that are recorded: those of /system, with the same names and units.
enum SeriesValues {
  static func of(_ snapshot: Snapshot) -> [(Series, Double)] {
    var values = Collected()
    values.add(.whole("cpu_count"), Double(snapshot.cpuCount))
    if let use = snapshot.recentUse {
      modes(use.modes, &values)
      ledger(use.ledger, &values)
      values.add(.decimal("forks_per_second"), use.forksPerSecond)
    }
    processes(snapshot, &values)
    host(snapshot.host, &values)
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

  /// Percent of all CPUs.
  private static func modes(_ modes: CPUTime, _ values: inout Collected) {
    func add(_ name: String, _ time: Int64) {
      values.add(.decimal("cpu.\(name)_percent"), modes.share(time) * 100)
    }
    add("busy", modes.busy)
    add("user", modes.user)
    add("nice", modes.nice)
    add("system", modes.system)
    add("idle", modes.idle)
    add("iowait", modes.iowait)
    add("irq", modes.irq)
    add("softirq", modes.softirq)
    add("steal", modes.steal)
    add("guest", modes.guest)
  }

  /// Percent of one CPU.
  private static func ledger(_ ledger: Ledger, _ values: inout Collected) {
    func add(_ name: String, _ share: Double) {
      values.add(.decimal("ledger.\(name)_percent"), share * 100)
    }
    add("busy", ledger.busy)
    add("processes", ledger.processes)
    add("ended_children", ledger.endedChildren)
    add("kernel_threads", ledger.kernelThreads)
    add("interrupts", ledger.interrupts)
    add("steal", ledger.steal)
    add("unaccounted", ledger.unaccounted)
    add("coverage", ledger.coverage)
    add("excess", ledger.excess)
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
