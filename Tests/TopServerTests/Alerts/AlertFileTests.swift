import FoundationEssentials
import TestSupport
import Testing
import YAML

@testable import TopServer

private let times = "for example 30s or 5m"

@Suite struct AlertFileTests {
  private func parse(_ text: String) throws(YAMLError) -> AlertConfiguration {
    try AlertFile.parse(Array(text.utf8))
  }

  /// One rule, from the lines after its dash.
  private func rule(_ lines: String...) throws -> AlertRule {
    let text = "defaults: false\nrules:\n  - " + lines.joined(separator: "\n    ")
    return try #require(try parse(text).rules.first)
  }

  @Test(arguments: ["", "# nothing\n", "---\n", "rules: []\n", "defaults: true\n"])
  func withoutRulesTheDefaultsApply(_ text: String) throws {
    #expect(try parse(text) == AlertConfiguration(rules: AlertRule.defaults))
  }

  @Test func theDefaultsAreTheCPUTheLoadAndSilence() throws {
    #expect(try AlertFile.read(nil).rules.map(\.name) == ["cpu", "load", "host-silent"])
    #expect(try parse("defaults: false\n").rules.isEmpty)
  }

  @Test func aRuleWithEveryKey() throws {
    let rule = try rule(
      "name: full", "metric: disk", "mount: /var", "above: 90%", "clear: 80.5", "over: 1m",
      "for: 0.5h", "keep_firing_for: 10")
    #expect(
      rule
        == AlertRule(
          name: "full", metric: .disk(mount: "/var"), threshold: 0.9, clear: 0.805,
          averaging: .seconds(60), hold: .seconds(1800), keepFiring: .seconds(10)))
  }

  @Test func omittedKeysHaveDefaults() throws {
    #expect(
      try rule("name: hot", "metric: process", "process: nginx", "above: 90")
        == AlertRule(
          name: "hot", metric: .process(.named("nginx")), threshold: 0.9, clear: 0.81,
          averaging: .seconds(10), hold: .seconds(30), keepFiring: .seconds(5)))
    let filter = try Filter("nginx and not kernel", fields: ProcessFields.names)
    let hot = try rule(
      "name: hot", "metric: process", "filter: nginx and not kernel", "above: 90")
    #expect(hot.metric == .process(.matching(filter)))
    #expect(hot.description.hasPrefix("CPU of processes with nginx and not kernel above 90 %"))
    let blind = try rule("name: blind", "metric: coverage", "below: 95%")
    #expect(blind.side == .below && blind.clear == 1 && blind.averaging == .zero)
  }

  @Test(arguments: AlertMetric.plain) func everyMetricHasAName(_ metric: AlertMetric) throws {
    #expect(try rule("name: x", "metric: \(metric.name)", "above: 1").metric == metric)
  }

  @Test func aRuleWithTheNameOfADefaultReplacesIt() throws {
    let rules = try parse("rules: [{name: load, metric: load5, above: 8}]").rules
    #expect(rules.map(\.name) == ["cpu", "host-silent", "load"])
    #expect(rules.last?.metric == .known("load5"))
  }

  @Test func aWebhook() throws {
    let text = """
      webhook:
        url: https://example.org/hook?x=1
        timeout: 2s
        headers: {Authorization: "Bearer x: y", X-Empty: ''}
      """
    #expect(
      try parse(text).webhook
        == Webhook(
          url: "https://example.org/hook?x=1", timeout: .seconds(2),
          headers: [
            .init(name: "Authorization", value: "Bearer x: y"), .init(name: "X-Empty", value: ""),
          ]
        ))
  }

  // MARK: - Errors

  @Test(arguments: [
    ("[]", "1:1: the file is a list: it accepts defaults, webhook, rules"),
    ("rule: []", "1:1: \"rule\" is unknown: the file accepts defaults, webhook, rules"),
    ("defaults: no", "1:11: \"defaults\" is \"no\": it accepts true or false"),
    ("rules: x", "1:8: \"rules\" is \"x\": it accepts a list, each rule after a dash"),
    ("rules:\n", "1:7: \"rules\" is empty: it accepts a list, each rule after a dash"),
    (
      "webhook: {}", "1:10: a webhook needs \"url\""
    ),
    (
      "webhook: {url: 'ftp://x'}",
      "1:16: \"url\" is \"ftp://x\": it accepts http://HOST/… or https://HOST/…"
    ),
    (
      "webhook: {url: 'http://x', timeout: 2m}",
      "1:37: \"timeout\" is \"2m\": it accepts a time from 1 s to 1 min, for example 30s or 5m"
    ),
    (
      "webhook: {url: 'http://x', headers: {'a b': c}}",
      "1:38: \"a b\" is not a header name (RFC 9110)"
    ),
    (
      "webhook: {url: 'http://x', headers: {a: \"b\\nc\"}}",
      "1:41: the header \"a\" accepts text without control characters"
    ),
    ("a: [", "2:1: did not find expected node content"),
  ])
  func anInvalidFileIsReportedWithItsPosition(_ text: String, _ expected: String) throws {
    let error = try #require(throws: YAMLError.self) { try parse(text) }
    #expect("\(error)" == expected)
  }

  @Test(arguments: [
    ("{metric: cpu, above: 5}", "3:5: a rule needs \"name\""),
    (
      "{name: a b, metric: cpu, above: 5}",
      "3:12: \"name\" is \"a b\": it accepts 1 to 64 letters, digits and the signs - _ ."
    ),
    ("{name: a, metric: cpu}", "3:5: a rule needs a threshold: \"above\" or \"below\""),
    ("{name: a, above: 5}", "3:5: a rule needs \"metric\""),
    (
      "{name: a, metric: cpu, above: 5, below: 3}",
      "3:45: a rule has one threshold: \"above\" or \"below\""
    ),
    (
      "{name: a, metric: cpu, above: 101}",
      "3:35: \"above\" is \"101\": it accepts a number from 0 to 100"
    ),
    (
      "{name: a, metric: cpu, above: 0x10}",
      "3:35: \"above\" is \"0x10\": it accepts a number from 0 to 100"
    ),
    (
      "{name: a, metric: cpu, above: nan}",
      "3:35: \"above\" is \"nan\": it accepts a number from 0 to 100"
    ),
    (
      "{name: a, metric: load1, above: 5%}",
      "3:37: \"above\" is \"5%\": it accepts a number from 0 to 1000000"
    ),
    (
      "{name: a, metric: cpu, above: [5]}",
      "3:35: \"above\" is a list: it accepts a number from 0 to 100"
    ),
    (
      "{name: a, metric: cpu, above: 75, clear: 80}",
      "3:46: \"clear\" is 80 % of all CPUs, on the wrong side: an alert that fires above 75 % of all CPUs accepts 75 % of all CPUs or less"
    ),
    (
      "{name: a, metric: coverage, below: 75, clear: 70}",
      "3:51: \"clear\" is 70 %, on the wrong side: an alert that fires below 75 % accepts 75 % or more"
    ),
    (
      "{name: a, metric: cpu, above: 5, for: soon}",
      "3:43: \"for\" is \"soon\": it accepts a time from 0 s to 1 h, \(times)"
    ),
    (
      "{name: a, metric: cpu, above: 5, for: 2h}",
      "3:43: \"for\" is \"2h\": it accepts a time from 0 s to 1 h, \(times)"
    ),
    (
      "{name: a, metric: cpu, above: 5, over: 1e400}",
      "3:44: \"over\" is \"1e400\": it accepts a time from 0 s to 5 min, \(times)"
    ),
    (
      "{name: a, metric: cpu, above: 5, fro: 1}",
      "3:38: \"fro\" is unknown: a rule accepts name, metric, mount, process, pid, filter, above, below, clear, over, for, keep_firing_for"
    ),
    (
      "{name: a, metric: cpus, above: 5}",
      "3:23: \"metric\" is \"cpus\": it accepts cpu, load1, load5, load15, load1_per_cpu, load5_per_cpu, load15_per_cpu, memory, swap, cpu_pressure, memory_pressure, io_pressure, coverage, silence, disk, process"
    ),
    (
      "{name: a, metric: cpu, pid: 7, above: 5}",
      "3:33: \"pid\" belongs to the metric process, not to cpu"
    ),
    (
      "{name: a, metric: disk, mount: var, above: 5}",
      "3:36: \"mount\" is \"var\": it accepts a mount point such as /var; the default is the fullest file system"
    ),
    (
      "{name: a, metric: process, above: 5}",
      "3:5: the metric process needs \"process\" with a name, \"pid\" with a number or \"filter\""
    ),
    (
      "{name: a, metric: process, process: x, pid: 1, above: 5}",
      "3:49: the metric process accepts only one of \"process\", \"pid\" and \"filter\""
    ),
    (
      "{name: a, metric: process, process: x, filter: y, above: 5}",
      "3:52: the metric process accepts only one of \"process\", \"pid\" and \"filter\""
    ),
    (
      "{name: a, metric: process, filter: cpu > high, above: 5}",
      "3:40: \"filter\" is \"cpu > high\": column 7: expected a number in percent such as 5 or 0.5% for cpu, and not \"high\""
    ),
    (
      "{name: a, metric: process, filter: user = ada, above: 5}",
      "3:40: \"filter\" is \"user = ada\": a rule cannot name the field user; use uid"
    ),
    (
      "{name: a, metric: cpu, filter: x, above: 5}",
      "3:36: \"filter\" belongs to the metric process, not to cpu"
    ),
    (
      "{name: a, metric: process, pid: 0, above: 5}",
      "3:37: \"pid\" is \"0\": it accepts a whole number from 1"
    ),
    (
      "{name: a, metric: process, process: abcdefghijklmnop, above: 5}",
      "3:41: \"process\" is \"abcdefghijklmnop\": it accepts the name of a process as the table shows it, in 15 bytes at most"
    ),
    (
      "{name: a, metric: cpu, above: 5}\n  - {name: a, metric: swap, above: 5}",
      "4:5: duplicate rule name \"a\" (first used at 3:5): each rule needs its own name"
    ),
  ])
  func anInvalidRuleIsReportedWithItsPosition(_ rule: String, _ expected: String) throws {
    let error = try #require(throws: YAMLError.self) { try parse("\nrules:\n  - " + rule) }
    #expect("\(error)" == expected)
  }

  @Test func tooManyRulesAreRejected() {
    let rules = (0...200).map { "{name: r\($0), metric: cpu, above: 5}" }.joined(separator: ", ")
    #expect(throws: YAMLError.self) { try parse("rules: [\(rules)]") }
  }

  @Test func theFileIsNamedInTheError() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/alerts.yaml"
    let missing = try #require(throws: Failure.self) { try AlertFile.read(path) }
    #expect(
      missing.description
        == "cannot read the alerts: \(path): No such file or directory; choose the file with --alerts"
    )
    try folder.write("defaults: 1", to: "alerts.yaml")
    let bad = try #require(throws: Failure.self) { try AlertFile.read(path) }
    #expect(bad.description == "\(path):1:11: \"defaults\" is \"1\": it accepts true or false")
  }

  // MARK: - Documentation

  @Test func theExampleInTheDocumentationIsValid() throws {
    let root = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
    let page = try String(contentsOfFile: "/\(root)/docs/alerts.md", encoding: .utf8)
    let examples = page.matches(of: /```yaml\n((?s:.*?))```/)
    let example = try #require(examples.first?.output.1)
    let configuration = try parse(String(example))
    #expect(examples.count == 1)
    #expect(
      configuration.rules.map(\.name) == [
        "load", "host-silent", "cpu", "nginx-hot", "web-app", "disk-full", "backup-full", "memory",
        "waiting-for-disks", "blind",
      ])
    #expect(configuration.webhook?.headers.map(\.name) == ["Authorization"])
    for metric in AlertMetric.plain { #expect(page.contains("`\(metric.name)`"), "\(metric.name)") }
    for rule in AlertRule.defaults { #expect(page.contains("\n\(rule.name): \(rule)\n")) }
  }
}
