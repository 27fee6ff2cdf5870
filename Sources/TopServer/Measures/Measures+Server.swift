import ProcFS

/// The server's CPU limit, how it determined the busy time, and its own cost.
extension Measures {
  static let cgroup = Family<CgroupCPU>(
    "view.cgroup", of: { $0.surroundings.cgroup },
    [
      .number(
        "cpu_limit", "How many CPUs the control groups allow the server; null without a limit."
      ) { $0.limit }.unrecorded(),
      .count("throttled_periods", "How often the group with the limit was throttled.") {
        $0.throttling.periods
      }.unrecorded(),
      .seconds(
        "throttled_seconds", "How long the group with the limit was throttled.",
        decimals: 3
      ) { $0.throttling.seconds }.unrecorded(),
    ])

  static let cpuTime = Family<CPUCounting>(
    "view.cpu_time", of: { $0.cpuCounting },
    [
      .seconds(
        "measured_seconds", "The part of the window for which CPU use is known.",
        decimals: 3
      ) { $0.measured }.unrecorded(),
      .seconds(
        "sampled_seconds", "The part of it in which the busy time is the sum of the sampled modes.",
        decimals: 3
      ) { $0.sampled }.unrecorded(),
      .seconds(
        "unknown_seconds", "The part of the window for which CPU use is unknown.", decimals: 3
      ) { $0.unknown }.unrecorded(),
    ])

  static let ownCPU = Measure<ProcessRow>.percent(
    "cpu_percent", of: .percentOfOneCPU, "The server's own CPU use."
  ) { $0.recent?.total }

  static let ownMemory = Measure<ProcessRow>.bytes("rss_bytes", "The server's resident memory.") {
    $0.residentBytes
  }

  static let own = Family("self", of: { $0.ownRow }, [ownCPU, ownMemory])

  static let sweep = Family<SweepCost>(
    "self", of: { $0.sweepCost },
    [
      .seconds("sweep_seconds", "How long the last sweep of /proc took.", decimals: 6) {
        $0.duration
      },
      .seconds(
        "sample_lag_seconds", "How late the sample was taken.",
        decimals: 6
      ) { $0.lag },
      .count("skipped_samples_total", "Samples that were left out because the server was late.") {
        UInt64(max(0, $0.skippedTotal))
      }.unrecorded(),
    ])
}

extension Snapshot {
  /// The row of the server itself.
  var ownRow: ProcessRow? {
    guard let pid = surroundings.ownPID else { return nil }
    return processes.first { $0.identity.pid == pid }
  }
}
