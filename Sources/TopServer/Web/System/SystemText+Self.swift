import Jansson
import MicroHTTPD
import ProcFS

extension SystemText {
  /// What the server can see of the machine and may use of it.
  static func view(_ snapshot: Snapshot) -> JSONValue {
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
          .object(Measures.cgroup.members(of: group) + [.init("group", .string(group.group))])
        }),
      .init(
        "disks_from", JSONValue(snapshot.machine.diskSource) { .string($0.rawValue) }),
      .init("cpu_time", cpuTime(snapshot)),
    ])
  }

  /// How the busy time of `cpu` and `ledger` was determined, and for how much of the window.
  private static func cpuTime(_ snapshot: Snapshot) -> JSONValue {
    let counting = snapshot.cpuCounting
    let method: JSONValue =
      snapshot.recentUse == nil
      ? .null : .string(counting.sampledBecause == nil ? "elapsed-minus-idle" : "sampled-modes")
    return .object(
      [
        .init("method", method),
        .init(
          "reason",
          JSONValue(counting.unknownBecause ?? counting.sampledBecause) { .string($0) }),
      ] + Measures.cpuTime.members(of: counting))
  }

  /// The cost of the server itself.
  static func own(_ snapshot: Snapshot, _ traffic: Traffic) -> JSONValue {
    let row = snapshot.ownRow
    let head: [JSONValue.Member] = [
      .init("version", .string(Version.text)),
      .init("pid", JSONValue(snapshot.surroundings.ownPID) { .integer(Int64($0)) }),
      .init(
        "cpu_percent",
        .object([
          .init("now", JSONValue(row) { JSONValue(Measures.ownCPU, of: $0) }),
          .init("window", .percent(row?.average?.total)),
        ])),
      .init(
        Measures.ownMemory.name, JSONValue(row) { JSONValue(Measures.ownMemory, of: $0) }),
      .init(
        "requests_total",
        .object([
          .init("cpu_usage", .integer(traffic.requests.cpuUsage)),
          .init("system", .integer(traffic.requests.system)),
          .init("other", .integer(traffic.requests.other)),
        ])),
      .init(
        "past_questions",
        .object([
          .init("waiting", .integer(traffic.requests.questions.waiting)),
          .init("refused_total", .integer(traffic.requests.questions.refused)),
          .init("cancelled_total", .integer(traffic.requests.questions.cancelled)),
        ])),
      .init(
        "event_streams",
        .object([
          .init("open", .integer(Int64(traffic.streams.open))),
          .init("opened", .integer(traffic.streams.opened)),
          .init("dropped", .integer(Int64(traffic.streams.dropped))),
        ])),
      .init("connections", connections(traffic.daemon)),
      .init("refused", refused(traffic.daemon)),
      .init("ended", ended(traffic.daemon)),
    ]
    let tail: [JSONValue.Member] = [
      .init("sampling", sampling(snapshot.sweepCost)),
      .init(
        "skipped_processes",
        .object([
          .init("unreadable", .integer(Int64(snapshot.skipped.unreadable))),
          .init("malformed", .integer(Int64(snapshot.skipped.malformed))),
          .init("example", JSONValue(snapshot.skipped.example) { .string("\($0)") }),
        ])),
      .init(
        "not_permitted",
        .object([
          .init("exe", .integer(Int64(snapshot.notPermitted.executables))),
          .init("cmdline", .integer(Int64(snapshot.notPermitted.arguments))),
          .init("cgroup", .integer(Int64(snapshot.notPermitted.groups))),
        ])),
    ]
    return .object(head + Measures.sweep.members(of: snapshot.sweepCost) + tail)
  }

  /// The open connections and their limits.
  private static func connections(_ daemon: DaemonCounts.Reading) -> JSONValue {
    .object([
      .init("open", .integer(Int64(daemon.connections))),
      .init("limit", .integer(Int64(daemon.connectionLimit))),
      .init("event_streams", .integer(Int64(daemon.streams))),
      .init("event_streams_limit", .integer(Int64(daemon.streamLimit))),
      .init("agents", .integer(Int64(daemon.upgrades))),
      .init("agents_limit", .integer(Int64(daemon.upgradeLimit))),
      .init("waiting_answers", .integer(Int64(daemon.waitingAnswers))),
      .init("unsent_bytes", .integer(Int64(daemon.unsentBytes))),
    ])
  }

  /// Requests and connections that exceeded a limit, since the start.
  private static func refused(_ daemon: DaemonCounts.Reading) -> JSONValue {
    .object(
      DaemonLimit.allCases.map { limit in
        let name =
          switch limit {
          case .connections: "connections"
          case .connectionsPerAddress: "connections_per_address"
          case .streams: "event_streams"
          case .streamsPerAddress: "event_streams_per_address"
          case .upgrades: "agents"
          case .waitingAnswers: "waiting_answers"
          case .waitingAnswersPerAddress: "waiting_answers_per_address"
          case .unsentBytes: "unsent_bytes"
          case .headSize: "head_size"
          }
        return .init(name, .integer(Int64(daemon.refused[limit, default: 0])))
      })
  }

  /// Connections that the server ended, since the start.
  private static func ended(_ daemon: DaemonCounts.Reading) -> JSONValue {
    .object(
      DaemonEnding.allCases.map { ending in
        let name =
          switch ending {
          case .slowRequest: "slow_request"
          case .slowReader: "slow_reader"
          case .unsentBytes: "unsent_bytes"
          case .idle: "idle"
          case .clientLeft: "client_left"
          }
        return .init(name, .integer(Int64(daemon.ended[ending, default: 0])))
      })
  }

  /// How the sweep was made, and why it had to read every process.
  private static func sampling(_ cost: SweepCost) -> JSONValue {
    .object([
      .init("method", .string(cost.slowReason == nil ? "process-clocks" : "every-file")),
      .init("reason", JSONValue(cost.slowReason) { .string($0) }),
      .init("processes_read", .integer(Int64(cost.processesRead))),
    ])
  }
}
