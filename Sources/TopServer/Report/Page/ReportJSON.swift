import Jansson

/// The report as JSON, with the exact value of every figure on the page.
///
/// Future versions only add members.
enum ReportJSON {
  static func make(_ report: LoadReport) -> String {
    String(decoding: object(report).encoded(), as: UTF8.self) + "\n"
  }

  private static func object(_ report: LoadReport) -> JSONValue {
    let plan = report.plan
    return .object([
      .init("version", .string(Version.text)),
      .init("started_at", .string(RFC3339.text(nanosecondsSinceEpoch: report.started))),
      .init("command", .string(report.command.joined(separator: " "))),
      .init("clients", .integer(Int64(plan.clients))),
      .init("duration_seconds", .real(plan.duration / .seconds(1))),
      .init("rate_per_second", JSONValue(plan.rate) { .real($0) }),
      .init("timeout_seconds", .real(plan.timeout / .seconds(1))),
      .init("ended_by", JSONValue(report.signal) { .string($0) }),
      .init("targets", .array(report.outcomes.map { target($0, plan) })),
      .init("machine", machine(report.machine, curlVersion: report.curlVersion)),
    ])
  }

  private static func target(_ outcome: LoadSession.Outcome, _ plan: LoadPlan) -> JSONValue {
    let tally = outcome.tally
    return .object([
      .init("urls", .array(outcome.target.urls.map { .string($0) })),
      .init("requests_per_second", .real(tally.requestsPerSecond)),
      .init("mean_seconds", real(tally.times.mean)),
      .init("requests", .integer(Int64(tally.answers))),
      .init("seconds", .real(tally.seconds)),
      .init("response_seconds", times(tally.times)),
      .init(
        "statuses",
        .object(
          tally.statuses.sorted { $0.key < $1.key }
            .map { .init("\($0.key)", .integer(Int64($0.value))) })),
      .init(
        "failures",
        .object(
          tally.failures.sorted { $0.key < $1.key }
            .map { .init($0.key, .integer(Int64($0.value))) })),
      .init("unsent", .integer(Int64(tally.unsent))),
      .init("silent_since_seconds", real(tally.silentSince)),
      .init("body_bytes", .integer(Int64(tally.bodyBytes))),
      .init("header_bytes", .integer(Int64(tally.headerBytes))),
      .init("connections", .integer(Int64(tally.connections))),
      .init("slice_seconds", .real(Double(plan.slice) / 1e9)),
      .init("requests_by_slice", .array(tally.slices.map { .integer(Int64($0)) })),
      .init("client_cpu_seconds", .real(outcome.clientCPUSeconds)),
      .init("server", server(outcome)),
    ])
  }

  private static func times(_ times: ResponseTimes) -> JSONValue {
    .object([
      .init("min", real(times.fastest)), .init("p50", real(times.percentile(50))),
      .init("p90", real(times.percentile(90))), .init("p99", real(times.percentile(99))),
      .init("p99_9", real(times.percentile(99.9))), .init("max", real(times.slowest)),
    ])
  }

  /// The server's facts; `null` if it does not report any.
  private static func server(_ outcome: LoadSession.Outcome) -> JSONValue {
    let server = outcome.server
    return JSONValue(server.before) { before in
      .object([
        .init("version", .string(before.version)),
        .init("hostname", .string(before.hostName)),
        .init(
          "requests_counted",
          JSONValue(server.requests(for: outcome.target.paths)) { .integer($0) }),
        .init("cpu_seconds_per_request", real(outcome.cpuPerRequest)),
        .init("machine_busy_percent", real(server.meanMachineBusyPercent)),
        .init("before", facts(before)),
        .init("during", .array(server.during.map(sample))),
        .init("after", JSONValue(server.after, facts)),
      ])
    }
  }

  private static func sample(_ sample: ServerRecord.Sample) -> JSONValue {
    .object([.init("seconds", .real(sample.seconds))] + members(sample.facts))
  }

  private static func facts(_ facts: ServerFacts) -> JSONValue { .object(members(facts)) }

  private static func members(_ facts: ServerFacts) -> [JSONValue.Member] {
    [
      .init("cpu_percent", real(facts.cpuPercent)),
      .init("rss_bytes", JSONValue(facts.residentBytes) { .integer($0) }),
    ]
  }

  private static func machine(_ machine: MachineFacts, curlVersion: String) -> JSONValue {
    .object([
      .init("hostname", .string(machine.hostName)),
      .init("processor", JSONValue(machine.processor) { .string($0) }),
      .init("cpu_count", .integer(Int64(machine.cores))),
      .init("memory_bytes", JSONValue(machine.memoryBytes) { .integer(Int64(clamping: $0)) }),
      .init("kernel", JSONValue(machine.kernel) { .string($0) }),
      .init("system", JSONValue(machine.system) { .string($0) }),
      .init("load_average", real(machine.loadAverage)),
      .init("libcurl", .string(curlVersion)),
    ])
  }

  private static func real(_ value: Double?) -> JSONValue { JSONValue(value) { .real($0) } }
}
