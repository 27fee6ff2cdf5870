import Jansson
import Linux
import ProcFS

/// `/system`: the machine as a whole, the CPU ledger, what we can see, and our own cost, as one JSON object.
///
/// Shares of `cpu` are percent of all CPUs; those of `ledger` and `self` are percent of one CPU, like the columns of
/// /cpu_usage, so that rows and ledger can be added up.
enum SystemText {
  /// - Parameter traffic: What was asked of us until now.
  static func make(
    _ snapshot: Snapshot, _ run: RunIdentity, _ recorder: RecorderState, _ fleet: FleetStatus,
    _ traffic: Traffic
  ) -> [UInt8] {
    object(snapshot, run, recorder, fleet, traffic).encoded() + [0x0A]
  }

  /// How much work the answer is, see ``AnswerMaker/work(for:_:)``.
  static func work(for snapshot: Snapshot) -> Int {
    let host = snapshot.machine
    let named = host.disks.count + host.fileSystems.count + host.network.count
    return 300 + named * 12 + snapshot.processes.count / 8
  }

  static func object(
    _ snapshot: Snapshot, _ run: RunIdentity, _ recorder: RecorderState, _ fleet: FleetStatus,
    _ traffic: Traffic
  ) -> JSONValue {
    let ours: [JSONValue.Member] = [
      .init("view", view(snapshot)),
      .init("recorder", RecorderText.object(recorder)),
      .init("fleet", self.fleet(fleet)),
      .init("self", own(snapshot, traffic)),
    ]
    return .object(machine(snapshot, run) + host(snapshot.machine) + ours)
  }

  private static func machine(_ snapshot: Snapshot, _ run: RunIdentity) -> [JSONValue.Member] {
    [
      .init("sequence", .integer(Int64(snapshot.sequence))),
      .init("sampled_at", .string(RFC3339.text(nanosecondsSinceEpoch: snapshot.time.wall))),
      .init("interval_seconds", .decimal(snapshot.interval, places: 3)),
      .init("window_seconds", .decimal(snapshot.window, places: 3)),
      .init("last_gap", JSONValue(snapshot.lastGap, gap)),
      .init("boot_id", .string(run.bootID)),
      .init("hostname", .string(run.hostName)),
      .init("uptime_seconds", .decimal(Double(snapshot.time.sinceBoot) / 1e9)),
      .init("cpu_count", .integer(Int64(snapshot.cpuCount))),
      .init("cpu", pair(snapshot, modes)),
      .init("ledger", pair(snapshot) { ledger($0.ledger) }),
      .init("coverage_advice", .array(CoverageAdvice.of(snapshot).map(advice))),
      .init("processes", processes(snapshot)),
      .init("forks_per_second", pair(snapshot) { .decimal($0.forksPerSecond) }),
    ]
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
    func percent(_ time: Int64) -> JSONValue { .percent(modes.share(time)) }
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
    .object([
      .init("busy_percent", .percent(ledger.busy)),
      .init("processes_percent", .percent(ledger.processes)),
      .init("ended_children_percent", .percent(ledger.endedChildren)),
      .init("kernel_threads_percent", .percent(ledger.kernelThreads)),
      .init("interrupts_percent", .percent(ledger.interrupts)),
      .init("steal_percent", .percent(ledger.steal)),
      .init("unaccounted_percent", .percent(ledger.unaccounted)),
      .init("coverage_percent", .percent(ledger.coverage)),
      .init("excess_percent", .percent(ledger.excess)),
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
      .init("seconds", .decimal(gap.seconds)),
      .init("suspended_seconds", .decimal(gap.suspendedSeconds)),
    ])
  }
}
