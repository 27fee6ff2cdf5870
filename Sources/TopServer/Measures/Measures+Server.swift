import ProcFS

/// What the server may use of the machine, how it found the busy time, and what it costs.
extension Measures {
  static let cgroup = Family<CgroupCPU>(
    "view.cgroup", of: { $0.surroundings.cgroup },
    [
      .number(
        "cpu_limit", "CPUs that the control groups of the server allow; null without a limit."
      ) { $0.limit }.unrecorded(),
      .count("throttled_periods", "Periods in which the limit stopped the group, since its start.")
      { $0.throttling.periods }.unrecorded(),
      .seconds(
        "throttled_seconds", "Time for which the limit stopped the group, since its start.",
        decimals: 3
      ) { $0.throttling.seconds }.unrecorded(),
    ])

  static let cpuTime = Family<CPUCounting>(
    "view.cpu_time", of: { $0.cpuCounting },
    [
      .seconds(
        "measured_seconds", "Time of the window of which the use of the CPUs is known.", decimals: 3
      ) { $0.measured }.unrecorded(),
      .seconds(
        "sampled_seconds", "That part of it in which busy is the sum of the sampled modes.",
        decimals: 3
      ) { $0.sampled }.unrecorded(),
      .seconds(
        "unknown_seconds", "Time of the window of which the counters say nothing.", decimals: 3
      ) { $0.unknown }.unrecorded(),
    ])

  static let ownCPU = Measure<ProcessRow>.percent(
    "cpu_percent", of: .percentOfOneCPU, "CPU time of the server."
  ) { $0.recent?.total }

  static let ownMemory = Measure<ProcessRow>.bytes("rss_bytes", "Memory of the server.") {
    $0.residentBytes
  }

  static let own = Family("self", of: { $0.ownRow }, [ownCPU, ownMemory])

  static let sweep = Family<SweepCost>(
    "self", of: { $0.sweepCost },
    [
      .seconds("sweep_seconds", "Time that taking the sample took.", decimals: 6) { $0.duration },
      .seconds(
        "sample_lag_seconds", "How late the sample was, beyond the interval that was due.",
        decimals: 6
      ) { $0.lag },
      .count("skipped_samples_total", "Samples that were due and not taken, since the start.") {
        UInt64(max(0, $0.skippedTotal))
      }.unrecorded(),
    ])
}

extension Snapshot {
  /// The server among the processes.
  var ownRow: ProcessRow? {
    guard let pid = surroundings.ownPID else { return nil }
    return processes.first { $0.identity.pid == pid }
  }
}
