import Jansson
import Linux
import MicroHTTPD
import ProcFS
import Testing
import YAML

@testable import TopServer

/// The exact texts that are derived from the catalogues of measures and columns.
@Suite struct GoldenTests {
  // MARK: - The documentation

  @Test(arguments: [
    ("docs/measures.md", "measures", ReferenceTables.measures),
    ("docs/api.md", "columns", ReferenceTables.columns),
  ])
  func table(document: String, name: String, table: String) throws {
    let file = GoldenFile(project: document)
    let text = try #require(ReferenceTables.put(table, as: name, into: try file.read()))
    try file.check(text)
  }

  // MARK: - The machine

  /// /system of three machines, and their series: scale, weight of means, and recorded value.
  @Test func machine() throws {
    var text = ""
    for (name, snapshot) in [
      ("full", GoldenMachine.snapshot), ("bare", GoldenMachine.bare),
      ("unknown", GoldenMachine.unknown),
    ] {
      text += "# \(name)\n" + system(snapshot)
      for (series, value) in SeriesValues.of(snapshot).sorted(by: { $0.0.name < $1.0.name }) {
        let kept = series.quantized(value).map { "\($0)" } ?? "-"
        text += "\(series.name) \(series.scale) \(PointWeights.Kind(series)) \(kept)\n"
      }
    }
    try GoldenFile("machine.txt").check(text)
  }

  private func system(_ snapshot: Snapshot) -> String {
    var daemon = DaemonCounts.Reading()
    (daemon.connections, daemon.connectionLimit) = (7, 16_384)
    return withoutVersion(
      SystemText.make(
        snapshot, AnswerEncoder.test.run,
        RecorderState(isOn: false, since: 0, limit: 256 << 20), status,
        .init(
          requests: .init(cpuUsage: 7, system: 2, other: 1),
          streams: .init(open: 2, opened: 5, dropped: 1), daemon: daemon)))
  }

  private var status: FleetStatus {
    var status = FleetStatus()
    (status.hosts, status.provisionalHosts) = (5, 1)
    status.states = [.live: 3, .stale: 1, .lost: 1]
    return status
  }

  private func withoutVersion(_ text: [UInt8]) -> String {
    String(decoding: text, as: UTF8.self).replacing("\"\(Version.text)\"", with: "\"VERSION\"")
  }

  // MARK: - The fleet

  private var sample: HostSample {
    HostSample(GoldenMachine.snapshot, host: "web-1", run: "a1", sequence: 7) {
      $0 == 33 ? "www-data" : nil
    }
  }

  @Test func agentMessage() throws {
    try GoldenFile("agent-message.json").check(
      withoutVersion(AgentMessage(sample: sample, age: 0.0625).encoded()) + "\n")
    let bare = HostSample(GoldenMachine.bare, host: "web-1", run: "a1", sequence: 1) { _ in nil }
    try GoldenFile("agent-message-bare.json").check(
      withoutVersion(AgentMessage(sample: bare).encoded()) + "\n")
  }

  /// The answer and the series of a hub for this machine, an agent, and messages with few and with invalid values.
  @Test func hosts() throws {
    var samples = [sample]
    let odd = #"""
      {"v":1,"type":"sample","host":"odd","run":"r","seq":1,"sampled_at":"2023-11-14T22:13:20Z",
      "cpu_count":0,"uptime_seconds":-1,"cpu":{"user_percent":50,"idle_percent":55},
      "load":{"load_1":1,"load_5":-2,"load_15":3},"memory":{"total_bytes":100,"available_bytes":2e30},
      "coverage_percent":120}
      """#
    let little = #"""
      {"v":1,"type":"sample","host":"little","run":"r","seq":1,"sampled_at":"2023-11-14T22:13:20Z",
      "cpu":{"user_percent":50},"load":{"load_1":1},"memory":{"total_bytes":100}}
      """#
    for text in [AgentMessage(sample: sample).encoded(), Array(odd.utf8), Array(little.utf8)] {
      var message = try AgentMessage(parsing: text)
      if message.sample.host == "web-1" { message.sample.host = "web-2" }
      samples.append(message.sample)
    }
    samples.append(
      try PlainText.sample(
        Array("CPU usages from plain: 12.3".utf8), peer: "10.0.0.1", time: GoldenMachine.time.wall))
    let picture = FleetPicture(FleetScene.test(samples))
    let body = try FleetEncoder.test.plain(FleetQuery(), picture, after: nil).response.text
    var text = withoutVersion(Array(body.utf8))
    text += "\n# What is recorded\n"
    for sample in samples {
      let point = FleetPoint(sample)
      let values = FleetSeries.allCases.map { kind in
        "\(kind.number) \(kind.series.name) \(kind.series.scale) "
          + (point[kind].map { "\($0)" } ?? "-")
      }
      text += "\(sample.host)\n  " + values.joined(separator: "\n  ") + "\n"
    }
    try GoldenFile("hosts.txt").check(text)
  }

  // MARK: - Processes

  @Test func cpuUsage() throws {
    let names = UserNames.test { [0: "root", 33: "www-data", 1000: "ann"][$0] }
    var text = ""
    let sorts = CPUUsageColumn.all.flatMap { column in
      [
        column.name == "pid"
          ? "sort=pid&fields=pid" : "sort=\(column.name)&fields=pid,\(column.name)"
      ]
    }
    let queries =
      [
        "", "fields=all", "fields=all&order=asc", "fields=all&scale=host", "fields=all&sort=name",
        "sort=rss_bytes&order=asc&fields=rss_bytes,pid", "fields=pid&min_cpu=3", "status=running",
      ] + sorts + sorts.map { $0 + "&order=asc" } + sorts.map { $0 + "&order=desc" }
    for query in queries {
      let question = try CPUUsageQuery(try RequestTarget("/cpu_usage?\(query)").query)
      let body = try CPUUsageAnswer(question, GoldenMachine.snapshot, names).body
      text += "# \(query)\n\(String(decoding: body.bytes, as: UTF8.self))"
    }
    for query in ["fields=pids", "sort=pids"] {
      do {
        _ = try CPUUsageQuery(try RequestTarget("/cpu_usage?\(query)").query)
      } catch let problem as Problem {
        text += "# \(query)\n\(problem.detail)\n"
      }
    }
    try GoldenFile("cpu-usage.txt").check(text)
  }

  // MARK: - Alerts

  @Test func alertMetrics() throws {
    var fleet = FleetScene.test([sample]).hosts
    fleet[0].state = .live
    let metrics =
      AlertMetric.plain
      + [
        .disk(mount: nil), .disk(mount: "/srv"), .disk(mount: "/cd"), .disk(mount: "/none"),
        .process(.named("cc1plus")), .process(.pid(977)),
      ]
    var text = ""
    for metric in metrics {
      text += "\(metric.name): \(metric.subject), \(metric.unit)\n"
      text += "  hold \(metric.defaultHold), averaging \(metric.defaultAveraging), "
      text += "kernel \(metric.kernelAveraging), CPU \(metric.isAboutCPU), "
      text += "here \(metric.isAboutThisMachine), elsewhere \(metric.isAboutOtherHosts)\n"
      for snapshot in [GoldenMachine.snapshot, GoldenMachine.bare, GoldenMachine.unknown] {
        text += "  \(Self.words(metric.reading(snapshot)))\n"
      }
      text += "  " + Self.words(fleet[0].reading(of: metric, at: GoldenMachine.time)) + "\n"
    }
    for file in [
      "rules: [{name: x, metric: cpus, above: 1}]", "rules: [{name: x, metric: [], above: 1}]",
      "rules: [{name: x, metric: cpu, above: 1, mount: /}]",
      "rules: [{name: x, metric: disk, above: 1, pid: 7}]",
      "rules: [{name: x, metric: memory, above: 101}]",
      "rules: [{name: x, metric: load1_per_cpu, above: 1e9}]",
    ] {
      do {
        _ = try AlertFile.parse(Array(file.utf8))
      } catch {
        text += "\(file)\n  \(error)\n"
      }
    }
    try GoldenFile("alert-metrics.txt").check(text)
  }

  private static func words(_ reading: AlertReading) -> String {
    let value = reading.value.map { "\($0)" } ?? "-"
    return "\(value) \(reading.note ?? "") \(reading.process.map { "\($0.pid)" } ?? "")"
  }
}
