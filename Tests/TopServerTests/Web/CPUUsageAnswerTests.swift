import MicroHTTPD
import ProcFS
import Testing

@testable import TopServer

@Suite struct CPUUsageAnswerTests {
  private let answers = PreparedAnswers.test([
    .at(
      1000,
      [
        Process(pid: 1, name: "init"),
        Process(pid: 2, name: "kthreadd", state: .idle, kernel: true),
      ]),
    .at(
      1003,
      [
        Process(pid: 1, name: "init", user: 1, system: 100),
        Process(pid: 2, name: "kthreadd", state: .idle, kernel: true),
        Process(pid: 30, start: 20, name: "late", uid: 1000, user: 7),
        Process(
          pid: 40, start: 100_100, name: "a\"b\\\n\u{1}é", state: .running, parent: 30, user: 200),
      ]),
  ])

  private func text(_ target: String) throws -> String {
    try answers.response(.cpuUsage, for: try RequestTarget(target), gzip: false).text
  }

  @Test func theStandardAnswerHasFiveColumnsInTheirOrder() throws {
    #expect(
      try text("/cpu_usage") == """
        [
        {"pid":40,"name":"a\\"b\\\\\\n\\u0001é","user_avg":66.67,"sys_avg":0.0,"status":"running"},
        {"pid":1,"name":"init","user_avg":0.33,"sys_avg":33.33,"status":"sleeping"},
        {"pid":2,"name":"kthreadd","user_avg":0.0,"sys_avg":0.0,"status":"idle"},
        {"pid":30,"name":"late","user_avg":null,"sys_avg":null,"status":"sleeping"}
        ]

        """)
  }

  @Test func manyColumns() throws {
    let fields =
      "pid,name,user_avg,sys_avg,status,ppid,uid,user,threads,rss_bytes,start_time,window_seconds,"
      + "user_now,sys_now,kernel,children_user_avg,children_sys_avg,children_user_now,children_sys_now"
    #expect(
      try text("/cpu_usage?fields=\(fields)&limit=1") == """
        [
        {"pid":40,"name":"a\\"b\\\\\\n\\u0001é","user_avg":66.67,"sys_avg":0.0,"status":"running","ppid":30,\
        "uid":0,"user":"root","threads":1,"rss_bytes":8192,"start_time":"2023-11-14T22:30:01.000Z",\
        "window_seconds":3.0,"user_now":66.67,"sys_now":0.0,"kernel":false,\
        "children_user_avg":0.0,"children_sys_avg":0.0,"children_user_now":0.0,"children_sys_now":0.0}
        ]

        """)
  }

  @Test func scaleHostDividesByTheNumberOfCPUs() throws {
    #expect(
      try text("/cpu_usage?scale=host&limit=1&fields=user_avg") == """
        [
        {"user_avg":33.33}
        ]

        """)
  }

  @Test func anEmptySelectionIsAnEmptyArray() throws {
    #expect(try text("/cpu_usage?name=nobody") == "[\n]\n")
  }

  @Test func theHeadersIdentifyTheSample() throws {
    let response = try answers.response(
      .cpuUsage, for: try RequestTarget("/cpu_usage"), gzip: false)
    let expected = [
      "Content-Type": "application/json", "ETag": "\"run-1-2\"",
      "Cache-Control": "no-cache",
      "Vary": "Accept-Encoding", "X-Sequence": "2", "X-Sampled-At": "2023-11-14T22:30:03.000Z",
      "X-Interval-Seconds": "1.0", "X-Window-Seconds": "3.0", "X-Cpu-Count": "2",
      "X-Hostname": "box",
    ]
    for (name, value) in expected { #expect(response.header(name) == value, "\(name)") }
  }
}
