import Jansson
import Testing

@testable import TopServer

@Suite struct ReportPageTests {
  private func page(_ report: LoadReport) -> String { ReportPage.make(report).text }

  @Test func showsTheThreeFiguresExactAndRounded() throws {
    let page = page(try .test())
    #expect(page.contains(#"<data data-figure="requests_per_second" value="100.0">100</data>"#))
    #expect(
      page.contains(
        #"<data data-figure="mean_seconds" value="0.001">1.00</data> <span class="unit">ms</span>"#)
    )
    #expect(page.contains(#"<data data-figure="requests" value="1000">1,000</data>"#))
    #expect(page.contains("in 10 s, all answered"))
  }

  @Test func escapesForeignText() throws {
    let evil = "<script>alert('x')</script>\"&"
    let report = try LoadReport.test(
      ["--path", "/<script>&", "--output", evil], host: evil, processor: evil
    ) {
      $0.tally.failures = [evil: 1]
    }
    let page = page(report)
    #expect(!page.contains("<script"))
    #expect(page.contains("http://127.0.0.1:8845/&lt;script&gt;&amp;"))
    #expect(page.contains("<bdi>&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot;&amp;</bdi>"))
    #expect(page.contains("Failed: &lt;script&gt;"))
  }

  @Test func loadsNothing() throws {
    let page = page(try .test())
    for word in ["url(", "@import", "src=", "href=", "<script", "<link"] {
      #expect(!page.contains(word), "\(word)")
    }
  }

  @Test func showsTwoServersWithTheirRatio() throws {
    var report = try LoadReport.test(["--compare", "http://127.0.0.1:2/"])
    report.outcomes[1].tally.elapsed *= 2
    let page = page(report)
    #expect(page.contains("Two servers, 5 clients, 10 seconds each"))
    #expect(page.contains("B to A: 0.50"))
    #expect(page.contains("B to A: 1.00"))
  }

  @Test func makesAPageWithoutAnyAnswer() throws {
    var report = try LoadReport.test()
    report.outcomes[0].tally = Tally(slices: 60)
    report.outcomes[0].tally.elapsed = 10_000_000_000
    report.outcomes[0].tally.failures = ["Timeout was reached": 5]
    let page = page(report)
    #expect(page.contains("The server gave no answer at all."))
    #expect(page.contains(#"<data data-figure="mean_seconds">–</data>"#))
    #expect(page.contains(#"<data data-figure="requests" value="0">0</data>"#))
  }

  @Test func showsTheServersFacts() throws {
    let report = try LoadReport.test {
      $0.server.before = .test(asked: 1)
      $0.server.during = [2, 3].compactMap { sequence in
        ServerFacts.test(sequence: sequence, asked: 500, cpu: Double(sequence) * 10)
          .map { .init(seconds: Double(sequence), facts: $0) }
      }
      $0.server.after = .test(sequence: 9, asked: 1001)
    }
    let page = page(report)
    #expect(report.outcomes[0].server.meanCPUPercent == 25)
    #expect(page.contains("<td>25.0 %</td>") && page.contains("<td>30.0 %</td>"))
    #expect(page.contains("1,000, the same"))
    // A quarter of ten seconds for a thousand answers.
    #expect(report.outcomes[0].cpuPerRequest == 0.0025)
    #expect(page.contains("<td>2.50 ms</td>"))
  }

  @Test func aLateSampleCountsByTheTimeThatItMeasured() throws {
    let report = try LoadReport.test {
      $0.server.during = [(cpu: 10.0, busy: 20.0, interval: 1.0), (30, 60, 3)].compactMap {
        ServerFacts.test(cpu: $0.cpu, busy: $0.busy, interval: $0.interval)
          .map { .init(seconds: 1, facts: $0) }
      }
    }
    #expect(report.outcomes[0].server.meanCPUPercent == 25)
    #expect(report.outcomes[0].server.meanMachineBusyPercent == 50)
  }

  @Test func theJSONHasTheFiguresOfThePage() throws {
    let report = try LoadReport.test { $0.tally.statuses = [200: 999, 503: 1] }
    let object = try JSONValue(parsing: Array(ReportJSON.make(report).utf8))
    let target = try #require(object["targets"]?.elements?.first)
    #expect(target["requests_per_second"]?.number == 100)
    #expect(target["mean_seconds"]?.number == 0.001)
    #expect(target["requests"]?.integer == 1000)
    #expect(target["statuses"]?["503"]?.integer == 1)
    #expect(target["server"] == .null)
    #expect(object["started_at"]?.string == "2023-11-14T22:13:20.000Z")
  }
}

@Suite struct ReportTroublesTests {
  @Test func aGoodRunHasNoTroubles() throws {
    #expect(ReportTroubles.of(try .test()) == [])
  }

  @Test func reportsAnEarlyEnd() throws {
    var report = try LoadReport.test()
    report.signal = "SIGINT"
    report.outcomes[0].tally.elapsed = 2_500_000_000
    #expect(
      ReportTroubles.of(report) == [
        "Ended early by SIGINT, after 2.5 s of 10 s. The figures cover the time until then."
      ])
  }

  @Test func reportsFailuresAndErrors() throws {
    let report = try LoadReport.test {
      $0.tally.failures = ["Timeout was reached": 1]
      $0.tally.statuses = [200: 998, 503: 2]
    }
    #expect(
      ReportTroubles.of(report) == [
        "1 request had no answer.", "2 answers had an error status.",
      ])
    #expect(report.errors == 3)
  }

  @Test func reportsAMissedRate() throws {
    let report = try LoadReport.test(["--rate", "200"]) { $0.tally.unsent = 1000 }
    #expect(
      ReportTroubles.of(report).first?.hasPrefix(
        "The rate of 200 requests a second was not kept: 1,000") == true)
  }

  @Test func reportsRequestsOfOtherClients() throws {
    let report = try LoadReport.test(["--compare", "http://127.0.0.1:2/cpu_usage"]) {
      $0.server.before = .test()
      $0.server.after = .test(sequence: 2, asked: $0.target.origin.hasSuffix(":2") ? 1003 : 1000)
    }
    #expect(
      ReportTroubles.of(report) == [
        "B: The server counted 1,003 requests: other clients also sent requests."
      ])
  }
}

@Suite struct ServerFactsTests {
  @Test func countsRequestsByRoute() throws {
    let facts = try #require(ServerFacts.test(asked: 7))
    #expect(facts.requests(for: ["/cpu_usage?limit=1", "/cpu_usage"]) == 7)
    #expect(facts.requests(for: ["/cpu_usage", "/livez"]) == 10)
    #expect(facts.requests(for: ["/stats", "/livez"]) == 3)
    // The requests for /system include our own.
    #expect(facts.requests(for: ["/system"]) == nil)
    #expect(facts.residentBytes == 1_048_576)
    #expect(facts.machineBusyPercent == 50)
  }

  @Test(arguments: [
    "", "{}", "[]", "null", "not JSON", #"{"self":{},"sequence":1,"hostname":"x"}"#,
    #"{"self":{"version":"1"},"sequence":-1,"hostname":"x"}"#,
    #"{"self":{"version":"1"},"sequence":9223372036854775807,"hostname":"x"}"#,
  ])
  func rejectsOtherServers(_ text: String) {
    #expect(ServerFacts(parsing: Array(text.utf8)) == nil)
  }

  @Test func acceptsAServerWithoutCounts() throws {
    let text =
      #"{"self":{"version":"1","requests_total":{"cpu_usage":-5}},"sequence":1,"hostname":"x"}"#
    let facts = try #require(ServerFacts(parsing: Array(text.utf8)))
    #expect(facts.requests(for: ["/cpu_usage"]) == nil)
    #expect(facts.cpuPercent == nil)
  }

  @Test func aRestartedServerHasNoDifference() throws {
    var record = ServerRecord()
    record.before = .test(asked: 100)
    record.after = .test(asked: 40)
    #expect(record.requests(for: ["/cpu_usage"]) == nil)
  }
}

@Suite struct ProgressLineTests {
  @Test func showsTheRemainingTimeTheRequestsAndTheRate() {
    #expect(
      ProgressLine.text(left: .seconds(151), answers: 1_234_567, failures: 0, perSecond: 8012.4)
        == "2 min 31 s left, 1,234,567 requests, 8,012 a second")
    #expect(
      ProgressLine.text(left: .milliseconds(-3), answers: 0, failures: 12, perSecond: 0)
        == "0 s left, 0 requests, 0.00 a second, 12 failed")
  }
}
