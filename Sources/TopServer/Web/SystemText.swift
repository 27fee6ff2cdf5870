import Jansson
import Linux
import ProcFS

/// `/system`: the machine as a whole, the CPU ledger, what we can see, and our own cost, as one JSON object.
///
/// Shares of `cpu` are percent of all CPUs; those of `ledger` and `self` are percent of one CPU, like the columns of
/// /cpu_usage, so that rows and ledger can be added up.
enum SystemText {
  static func make(_ snapshot: Snapshot, _ run: RunIdentity, _ recorder: RecorderState) -> [UInt8] {
    object(snapshot, run, recorder).encoded() + [0x0A]
  }

  static func object(
    _ snapshot: Snapshot, _ run: RunIdentity, _ recorder: RecorderState
  ) -> JSONValue {
    .object([
      .init("sequence", .integer(Int64(snapshot.sequence))),
      .init("sampled_at", .string(RFC3339.text(nanosecondsSinceEpoch: snapshot.time.wall))),
      .init("interval_seconds", rounded(snapshot.interval, 3)),
      .init("window_seconds", rounded(snapshot.window, 3)),
      .init("last_gap", JSONValue(snapshot.lastGap, gap)),
      .init("boot_id", .string(run.bootID)),
      .init("hostname", .string(run.hostName)),
      .init("uptime_seconds", .real((Double(snapshot.time.sinceBoot) / 1e9).rounded(places: 2))),
      .init("cpu_count", .integer(Int64(snapshot.cpuCount))),
      .init("cpu", pair(snapshot, modes)),
      .init("ledger", pair(snapshot) { ledger($0.ledger) }),
      .init("coverage_advice", .array(CoverageAdvice.of(snapshot).map(advice))),
      .init("processes", processes(snapshot)),
      .init("forks_per_second", pair(snapshot) { .real($0.forksPerSecond.rounded(places: 2)) }),
      .init("view", view(snapshot)),
      .init("recorder", RecorderText.object(recorder)),
      .init("self", own(snapshot)),
    ])
  }

  // MARK: - Parts

  /// The same of the last interval and of the window; `null` where nothing was measured.
  private static func pair(_ snapshot: Snapshot, _ make: (SystemUse) -> JSONValue) -> JSONValue {
    .object([
      .init("now", JSONValue(snapshot.recentUse, make)),
      .init("window", JSONValue(snapshot.averageUse, make)),
    ])
  }

  /// Percent of the time of all CPUs, by the kernel's names.
  private static func modes(_ use: SystemUse) -> JSONValue {
    let modes = use.modes
    func percent(_ ticks: UInt64) -> JSONValue {
      .real((Double(ticks) * 100 / Double(max(1, modes.total))).rounded(places: 2))
    }
    return .object([
      .init("busy_percent", percent(modes.busy)),
      .init("user_percent", percent(modes.user)), .init("nice_percent", percent(modes.nice)),
      .init("system_percent", percent(modes.system)), .init("idle_percent", percent(modes.idle)),
      .init("iowait_percent", percent(modes.iowait)), .init("irq_percent", percent(modes.irq)),
      .init("softirq_percent", percent(modes.softirq)),
      .init("steal_percent", percent(modes.steal)), .init("guest_percent", percent(modes.guest)),
    ])
  }

  /// Percent of one CPU; the parts add up to `busy_percent`.
  private static func ledger(_ ledger: Ledger) -> JSONValue {
    func percent(_ share: Double) -> JSONValue { .real((share * 100).rounded(places: 2)) }
    return .object([
      .init("busy_percent", percent(ledger.busy)),
      .init("processes_percent", percent(ledger.processes)),
      .init("ended_children_percent", percent(ledger.endedChildren)),
      .init("kernel_threads_percent", percent(ledger.kernelThreads)),
      .init("interrupts_percent", percent(ledger.interrupts)),
      .init("steal_percent", percent(ledger.steal)),
      .init("unaccounted_percent", percent(ledger.unaccounted)),
      .init("coverage_percent", percent(ledger.coverage)),
      .init("excess_percent", percent(ledger.excess)),
    ])
  }

  private static func advice(_ advice: CoverageAdvice) -> JSONValue {
    .object([.init("reason", .string(advice.reason)), .init("remedy", .string(advice.remedy))])
  }

  private static func processes(_ snapshot: Snapshot) -> JSONValue {
    var counts: [ProcessState: Int64] = [:]
    for row in snapshot.processes { counts[row.state, default: 0] += 1 }
    let states = ProcessState.allCases.map {
      JSONValue.Member($0.rawValue, .integer(counts[$0] ?? 0))
    }
    return .object([.init("total", .integer(Int64(snapshot.processes.count)))] + states)
  }

  private static func gap(_ gap: Gap) -> JSONValue {
    .object([
      .init("ended_at", .string(RFC3339.text(nanosecondsSinceEpoch: gap.ended))),
      .init("seconds", .real(gap.seconds.rounded(places: 2))),
      .init("suspended_seconds", .real(gap.suspendedSeconds.rounded(places: 2))),
    ])
  }

  /// What we can see of the machine, and what we may use of it.
  private static func view(_ snapshot: Snapshot) -> JSONValue {
    let facts = snapshot.surroundings
    return .object([
      .init("proc_root", .string(facts.procRoot)),
      .init("in_host_pid_namespace", JSONValue(facts.isInHostPIDNamespace) { .bool($0) }),
      .init("shows_kernel_threads", .bool(snapshot.showsKernelThreads)),
      .init("hidepid", JSONValue(facts.hidepid) { .string($0) }),
      .init("cpus_allowed", JSONValue(facts.cpusAllowed) { .integer(Int64($0)) }),
      .init(
        "cgroup",
        JSONValue(facts.cgroup) { group in
          .object([
            .init("cpu_limit", rounded(group.limit, 2)),
            .init("throttled_periods", .integer(Int64(clamping: group.throttledPeriods))),
            .init("throttled_seconds", .real(group.throttledSeconds.rounded(places: 3))),
          ])
        }),
    ])
  }

  /// What the server itself costs.
  private static func own(_ snapshot: Snapshot) -> JSONValue {
    let row = snapshot.processes.first { $0.identity.pid == snapshot.surroundings.ownPID }
    func percent(_ share: CPUShare?) -> JSONValue { rounded(share.map { $0.total * 100 }, 2) }
    return .object([
      .init("version", .string(Version.text)),
      .init("pid", JSONValue(snapshot.surroundings.ownPID) { .integer(Int64($0)) }),
      .init(
        "cpu_percent",
        .object([
          .init("now", percent(row?.recent)), .init("window", percent(row?.average)),
        ])),
      .init("rss_bytes", JSONValue(row?.residentBytes) { .integer(Int64(clamping: $0)) }),
      .init("sweep_seconds", .real(snapshot.sweepCost.duration.rounded(places: 6))),
      .init("sample_lag_seconds", .real(snapshot.sweepCost.lag.rounded(places: 6))),
      .init("sampling", sampling(snapshot.sweepCost)),
      .init(
        "skipped_processes",
        .object([
          .init("unreadable", .integer(Int64(snapshot.skipped.unreadable))),
          .init("malformed", .integer(Int64(snapshot.skipped.malformed))),
          .init("example", JSONValue(snapshot.skipped.example) { .string("\($0)") }),
        ])),
    ])
  }

  /// How the sweep was made, and why not the cheap way.
  private static func sampling(_ cost: SweepCost) -> JSONValue {
    .object([
      .init("method", .string(cost.slowReason == nil ? "process-clocks" : "every-file")),
      .init("reason", JSONValue(cost.slowReason) { .string($0) }),
      .init("processes_read", .integer(Int64(cost.processesRead))),
    ])
  }

  private static func rounded(_ value: Double?, _ places: Int) -> JSONValue {
    JSONValue(value) { .real($0.rounded(places: places)) }
  }
}
