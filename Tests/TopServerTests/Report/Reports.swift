import ArgumentParser

@testable import Curl
@testable import TopServer

extension LoadReport {
  /// A complete report of a measurement of one target for ten seconds.
  static func test(
    _ arguments: [String] = [], host: String = "box", processor: String? = "Fast CPU",
    change: (inout LoadSession.Outcome) -> Void = { _ in }
  ) throws -> LoadReport {
    let options = try ReportOptions.parse(["--duration", "10s"] + arguments)
    let plan = try LoadPlan(options, environment: [:])
    let outcomes = plan.targets.map { target in
      var outcome = LoadSession.Outcome(target: target)
      outcome.tally = .test(plan)
      change(&outcome)
      return outcome
    }
    return LoadReport(
      plan: plan, outcomes: outcomes, started: 1_700_000_000_000_000_000,
      command: CommandText.words(["topserver", "report"] + arguments),
      machine: MachineFacts(hostName: host, processor: processor, cores: 2),
      curlVersion: "libcurl/7.88.1 GnuTLS/3.7.9")
  }
}

extension Tally {
  /// A thousand answers of one millisecond each in ten seconds.
  static func test(_ plan: LoadPlan) -> Tally {
    var tally = Tally(slices: plan.slicesPerTurn * plan.turns)
    let answer = CurlAnswer(
      status: 200, body: [], bodyBytes: 900, headerBytes: 100, newConnections: 0, microseconds: 0)
    for number in 1...1000 {
      let ended = Int64(number) * 10_000_000 - 1
      tally.add(answer, from: ended - 1_000_000, to: ended, slice: plan.slice)
    }
    tally.elapsed = 10_000_000_000
    return tally
  }
}

extension ServerFacts {
  static func test(
    sequence: Int = 1, asked: Int = 0, cpu: Double = 0, busy: Double = 50, interval: Double? = nil
  ) -> ServerFacts? {
    let text = """
      {"sequence":\(sequence),"interval_seconds":\(interval.map { "\($0)" } ?? "null"),\
      "hostname":"box","cpu":{"now":{"busy_percent":\(busy)}},\
      "self":{"version":"1.2.3","cpu_percent":{"now":\(cpu)},"rss_bytes":1048576,\
      "requests_total":{"cpu_usage":\(asked),"system":9,"other":3}}}
      """
    return ServerFacts(parsing: Array(text.utf8))
  }
}
