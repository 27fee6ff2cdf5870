import Jansson
import MicroHTTPD
import Testing

@testable import TopServer

@Suite struct FleetTextTests {
  private func hosts(_ picture: FleetPicture, _ query: String = "") throws -> JSONValue {
    let answers = PreparedAnswers(picture, FleetEncoder.test)
    let target = try RequestTarget("/hosts" + query)
    return try JSONValue(
      parsing: answers.response(.hosts, for: target, gzip: false).body.bytes)
  }

  @Test func theWholeDocument() throws {
    let scene = FleetScene.test([.test()], alerts: ["web-1": ["cpu"]])
    let answers = PreparedAnswers(FleetPicture(scene), FleetEncoder.test)
    let text = try answers.response(.hosts, for: try RequestTarget("/hosts"), gzip: false).text
    let nulls = Array(repeating: "null", count: 59).joined(separator: ",")
    #expect(
      text == """
        {"sampled_at":"2023-11-14T22:30:00.500Z","hosts_total":1,"hosts_matched":1,"live":1,"stale":0,"lost":0,\
        "hosts":[
        {"host":"web-1","state":"live","connected":true,"kind":"agent","address":"10.0.0.1","agent":"0.5.0",\
        "sampled_at":"2023-11-14T22:13:20.000Z","clock_offset_seconds":-1000.0,"interval_seconds":1.0,"uptime_seconds":8123.4,"cpu_count":8,\
        "cpu_percent":25.0,"cpu_average_percent":25.0,\
        "cpu":{"user_percent":25.0,"nice_percent":0.0,"system_percent":0.0,"idle_percent":75.0,"iowait_percent":0.0,\
        "irq_percent":0.0,"softirq_percent":0.0,"steal_percent":0.0,"guest_percent":0.0},\
        "load":{"load_1":0.5,"load_5":0.4,"load_15":0.3},\
        "memory":{"total_bytes":16000000000,"available_bytes":12000000000,"used_bytes":4000000000,\
        "used_percent":25.0},"coverage_percent":99.8,\
        "ledger":{"counted_percent":200.0,"accounted_percent":187.5,"counted_cpus":8.0},\
        "processes":[{"pid":17,"name":"nginx","user":"www-data","cpu_percent":97.3}],\
        "alerts":["cpu"],"reconnects":0,"late_samples":0,"given_up_samples":0,"recent_cpu_percent":[\(nulls),25.0],"age_seconds":0.5}
        ]}

        """)
  }

  @Test(arguments: [
    (0.0, 0.0), (0.004, 0.4), (0.09999, 10), (0.125, 12.5), (0.9994, 99.9), (0.9996, 100), (1, 100),
  ])
  func theLastMinuteHasOneDecimal(share: Double, shown: Double) throws {
    let document = try hosts(.test([.test(busy: share)]))
    let series = document["hosts"]?.elements?.first?["recent_cpu_percent"]?.elements
    #expect(series?.last?.number == shown)
    #expect(series?.count == 60)
  }

  @Test(arguments: [
    ("host,cpu_percent", #"{"host":"web-1","cpu_percent":25.0}"#),
    ("age_seconds,state", #"{"age_seconds":0.5,"state":"live"}"#),
    ("recent_cpu_percent,host", nil), ("recent_cpu_percent", nil),
  ])
  func aQuerySelectsFields(fields: String, expected: String?) throws {
    let answers = PreparedAnswers(.test([.test()]), FleetEncoder.test)
    let target = try RequestTarget("/hosts?fields=" + fields)
    let body = try answers.response(.hosts, for: target, gzip: false).body.bytes
    let host = try JSONValue(parsing: body)["hosts"]?.elements?.first
    if let expected {
      #expect(host.map { String(decoding: $0.encoded(), as: UTF8.self) } == expected)
    }
    #expect(fields.split(separator: ",").allSatisfy { host?[String($0)] != nil })
  }

  @Test func unknownFieldsAreRejected() {
    #expect(throws: Problem.self) { try hosts(.test([]), "?fields=host,host") }
    #expect(throws: Problem.self) { try hosts(.test([]), "?fields=pid") }
    #expect(throws: Problem.self) { try hosts(.test([]), "?fields=") }
    #expect(throws: Never.self) { try hosts(.test([]), "?fields=all") }
  }

  @Test func anEmptyFleetIsValidJSON() throws {
    #expect(try hosts(.test([]))["hosts"] == JSONValue.array([]))
  }

  @Test func hostileNamesAreEscaped() throws {
    var sample = HostSample.test("\"</script>'&\\")
    sample.processes = [TopProcess(pid: 1, name: "\u{1B}]0;\u{7}\"", user: "\n", cpu: 1)]
    let host = try hosts(.test([sample]))["hosts"]?.elements?.first
    #expect(host?["host"]?.string == "\"</script>'&\\")
    #expect(host?["processes"]?.elements?.first?["name"]?.string == "\u{1B}]0;\u{7}\"")
  }

  @Test func aSettledHostKeepsItsTextAndItsAgeGrows() throws {
    let stage = FleetStage()
    try stage.receive(1, of: "quiet", link: 1)
    try stage.receive(1, of: "loud", link: 2)
    stage.pass(100)
    let first = FleetPicture(
      FleetScene(sequence: 1, time: stage.now, hosts: stage.book.hosts))
    _ = first.text
    stage.pass(10)
    try stage.receive(2, of: "loud", link: 2)
    stage.pass(0)
    let second = FleetPicture(
      FleetScene(
        sequence: 2, time: stage.now, hosts: stage.book.hosts, alerts: ["quiet": ["host-silent"]]),
      after: first)
    let document = try hosts(second, "?sort=name")
    let (loud, quiet) = (document["hosts"]?.elements?.first, document["hosts"]?.elements?.last)
    #expect(quiet?["age_seconds"]?.number == 110)
    #expect(quiet?["alerts"] == JSONValue.array([.string("host-silent")]))
    #expect(quiet?["state"]?.string == "lost")
    #expect(quiet?["cpu_average_percent"] == JSONValue.null)
    #expect(loud?["state"]?.string == "live" && loud?["age_seconds"]?.number == 0)
    let third = FleetPicture(
      FleetScene(
        sequence: 3, time: stage.now, hosts: stage.book.hosts, alerts: ["quiet": ["host-silent"]]),
      after: second)
    #expect(try hosts(third, "?sort=name") == document)
  }

  @Test func aTagBelongsToATick() throws {
    let answers = PreparedAnswers(.test([.test()]), FleetEncoder.test)
    let plain = try answers.response(.hosts, for: try RequestTarget("/hosts"), gzip: false)
    let zipped = try answers.response(.hosts, for: try RequestTarget("/hosts"), gzip: true)
    #expect(plain.header("ETag") == "\"run-1-hosts-1\"")
    #expect(zipped.header("ETag") == "\"run-1-hosts-1-gzip\"")
    #expect(zipped.header("Content-Encoding") == "gzip")
  }
}
