import Jansson
import Linux

/// `/system`: the machine as a whole, the CPU ledger, what the server can see, and its own cost, as one JSON object.
///
/// Shares of `cpu` are percent of all CPUs. Those of `ledger` and `self` are percent of one CPU, like the columns of
/// /cpu_usage, so that rows and ledger can be added up.
enum SystemText {
  /// - Parameter traffic: The requests so far.
  static func make(
    _ snapshot: Snapshot, _ run: RunIdentity, _ recorder: RecorderState, _ fleet: FleetStatus,
    _ traffic: Traffic
  ) -> [UInt8] {
    object(snapshot, run, recorder, fleet, traffic).encoded() + [0x0A]
  }

  /// The work of the answer, see ``AnswerMaker/work(for:_:)``.
  static func work(for snapshot: Snapshot) -> Int {
    let use = snapshot.machine
    let named = use.disks.count + use.fileSystems.count + use.network.count
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
    return .object(machine(snapshot, run) + machineMembers(snapshot.machine) + ours)
  }

  private static func machine(_ snapshot: Snapshot, _ run: RunIdentity) -> [JSONValue.Member] {
    [
      .init("sequence", .integer(Int64(snapshot.sequence))),
      .init("sampled_at", .string(RFC3339.text(nanosecondsSinceEpoch: snapshot.time.wall))),
      Measures.interval.member(of: snapshot), Measures.window.member(of: snapshot),
      .init("last_gap", JSONValue(snapshot.lastGap, gap)),
      .init("boot_id", .string(run.bootID)),
      .init("hostname", .string(run.hostName)),
      Measures.uptime.member(of: snapshot), Measures.cpuCount.member(of: snapshot),
      .init("cpu", pair(snapshot) { Measures.cpu.object($0.modes) }),
      .init("ledger", pair(snapshot) { Measures.ledger.object($0) }),
      .init("coverage_advice", .array(CoverageAdvice.of(snapshot).map(advice))),
      .init("processes", Measures.processes.object(ProcessCounts(snapshot))),
      .init(
        Measures.forksPerSecond.name,
        pair(snapshot) { JSONValue(Measures.forksPerSecond, of: $0) }),
    ]
  }

  // MARK: - Parts

  /// The values of the last interval and of the window; `null` where nothing was measured.
  private static func pair(_ snapshot: Snapshot, _ make: (SystemUse) -> JSONValue) -> JSONValue {
    .object([
      .init("now", JSONValue(snapshot.recentUse, make)),
      .init("window", JSONValue(snapshot.averageUse, make)),
    ])
  }

  private static func advice(_ advice: CoverageAdvice) -> JSONValue {
    .object([.init("reason", .string(advice.reason)), .init("remedy", .string(advice.remedy))])
  }

  private static func gap(_ gap: Gap) -> JSONValue {
    .object([
      .init("ended_at", .string(RFC3339.text(nanosecondsSinceEpoch: gap.ended))),
      .init("seconds", .decimal(gap.seconds)),
      .init("suspended_seconds", .decimal(gap.suspendedSeconds)),
    ])
  }
}
