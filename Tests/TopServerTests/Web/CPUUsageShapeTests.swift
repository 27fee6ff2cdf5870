import Linux
import MicroHTTPD
import ProcFS
import Testing

@testable import TopServer

/// Groups and trees as answers.
@Suite struct CPUUsageShapeTests {
  private let answers = PreparedAnswers.test([
    .at(
      1000,
      [
        Process(pid: 1, name: "init", parent: 0),
        Process(pid: 2, name: "kthreadd", parent: 0, kernel: true),
        Process(pid: 30, name: "make", parent: 1),
      ]),
    .at(
      1010,
      [
        Process(pid: 1, name: "init", parent: 0, user: 10),
        Process(pid: 2, name: "kthreadd", parent: 0, system: 100, kernel: true),
        Process(pid: 30, name: "make", parent: 1, uid: 1000, user: 50, childrenUser: 300),
        // Newborn: its average covers the whole second since the previous sample.
        Process(pid: 31, start: 100_500, name: "cc1", parent: 30, uid: 1000, user: 400),
        Process(pid: 32, start: 100_600, name: "cc1", parent: 30, uid: 1000, user: 200),
        // The first process that is seen and older than the first sample: unknown.
        Process(pid: 40, start: 7, name: "late", parent: 99),
      ]),
  ])

  private func response(_ query: String, gzip: Bool = false) throws -> Response {
    try answers.response(.cpuUsage, for: try RequestTarget("/cpu_usage?\(query)"), gzip: gzip)
  }

  private func text(_ query: String) throws -> String { try response(query).text }

  @Test func groupsHaveTheirKeyTheirSumsAndTheirPids() throws {
    #expect(
      try text("group=name") == """
        [
        {"name":"cc1","processes":2,"user_avg":60.0,"sys_avg":0.0,"children_user_avg":0.0,"children_sys_avg":0.0,"pids":[31,32]},
        {"name":"make","processes":1,"user_avg":5.0,"sys_avg":0.0,"children_user_avg":30.0,"children_sys_avg":0.0,"pids":[30]},
        {"name":"kthreadd","processes":1,"user_avg":0.0,"sys_avg":10.0,"children_user_avg":0.0,"children_sys_avg":0.0,"pids":[2]},
        {"name":"init","processes":1,"user_avg":1.0,"sys_avg":0.0,"children_user_avg":0.0,"children_sys_avg":0.0,"pids":[1]},
        {"name":"late","processes":1,"user_avg":null,"sys_avg":null,"children_user_avg":null,"children_sys_avg":null,"pids":[40]}
        ]

        """)
  }

  @Test func aGroupWithoutAKeyIsNull() throws {
    #expect(
      try text("group=unit&fields=unit,processes") == "[\n{\"unit\":null,\"processes\":6}\n]\n")
  }

  /// The answers have one line for each row.
  private func lines(_ query: String) throws -> [String] {
    try text(query).split(separator: "\n").dropFirst().dropLast()
      .map { String($0.hasSuffix(",") ? $0.dropLast() : $0) }
  }

  private func names(_ query: String) throws -> [String] {
    try lines(query + "&fields=name").map { $0.split(separator: "\"").dropFirst(3).first ?? "" }
      .map(String.init)
  }

  @Test func groupsAreSortedAndLimited() throws {
    #expect(try names("group=name&limit=2") == ["cc1", "make"])
    #expect(try names("group=name&order=asc") == ["init", "kthreadd", "make", "cc1", "late"])
    #expect(try names("group=name&sort=name") == ["cc1", "init", "kthreadd", "late", "make"])
    #expect(try names("group=name&sort=processes") == ["cc1", "init", "kthreadd", "late", "make"])
    #expect(try names("group=name&sort=sys_avg&limit=1") == ["kthreadd"])
    #expect(try names("group=name&sort=user_avg") == ["cc1", "make", "init", "kthreadd", "late"])
    #expect(try names("group=name&min_cpu=10") == ["cc1", "make", "kthreadd"])
    #expect(try names("group=name&min_cpu=10&scale=host") == ["cc1", "make"])
    #expect(try lines("group=name&scale=host&limit=1&fields=user_avg") == [#"{"user_avg":30.0}"#])
  }

  @Test func theFilterChoosesProcessesAndMinCPUGroups() throws {
    // The two compilers use 40 and 20 percent.
    let line = [#"{"processes":1,"user_avg":40.0}"#]
    #expect(try lines("group=name&filter=cpu+%3E+30&fields=processes,user_avg") == line)
    #expect(try lines("group=state&name=CC&filter=cpu+%3E+30&fields=processes,user_avg") == line)
    #expect(try names("group=name&min_cpu=50") == ["cc1"])
    #expect(try names("group=name&status=zombie") == [])
  }

  @Test func everyGroupColumnIsThereWithFieldsAll() throws {
    let columns = try lines("group=state&fields=all&limit=1")[0]
    for column in GroupColumn.all(.state) { #expect(columns.contains("\"\(column.name)\":")) }
  }

  @Test func theTreeIsDepthFirst() throws {
    #expect(
      try text("tree=1") == """
        [
        {"pid":1,"name":"init","user_avg":1.0,"sys_avg":0.0,"status":"sleeping","depth":0,"subtree_user_avg":96.0,"subtree_sys_avg":0.0},
        {"pid":30,"name":"make","user_avg":5.0,"sys_avg":0.0,"status":"sleeping","depth":1,"subtree_user_avg":95.0,"subtree_sys_avg":0.0},
        {"pid":31,"name":"cc1","user_avg":40.0,"sys_avg":0.0,"status":"sleeping","depth":2,"subtree_user_avg":40.0,"subtree_sys_avg":0.0},
        {"pid":32,"name":"cc1","user_avg":20.0,"sys_avg":0.0,"status":"sleeping","depth":2,"subtree_user_avg":20.0,"subtree_sys_avg":0.0},
        {"pid":2,"name":"kthreadd","user_avg":0.0,"sys_avg":10.0,"status":"sleeping","depth":0,"subtree_user_avg":0.0,"subtree_sys_avg":10.0},
        {"pid":40,"name":"late","user_avg":null,"sys_avg":null,"status":"sleeping","depth":0,"subtree_user_avg":null,"subtree_sys_avg":null}
        ]

        """)
  }

  @Test func theTreeKeepsAncestorsAndMarksThem() throws {
    #expect(
      try lines("tree=1&filter=cpu+%3E+30&fields=pid,depth,matched") == [
        #"{"pid":1,"depth":0,"matched":false}"#, #"{"pid":30,"depth":1,"matched":false}"#,
        #"{"pid":31,"depth":2,"matched":true}"#,
      ])
    #expect(
      try lines("tree=1&name=make&fields=pid,subtree_user_avg") == [
        #"{"pid":1,"subtree_user_avg":96.0}"#, #"{"pid":30,"subtree_user_avg":95.0}"#,
      ])
    #expect(try names("tree=1&min_cpu=25") == ["init", "make", "cc1"])
    #expect(try names("tree=1&limit=2") == ["init", "make"])
  }

  @Test func sortOrdersSiblings() throws {
    #expect(
      try names("tree=1&sort=name&order=desc") == [
        "late", "kthreadd", "init", "make", "cc1", "cc1",
      ])
    #expect(
      try lines("tree=1&sort=pid&order=desc&fields=pid")
        == [40, 2, 1, 30, 32, 31].map { "{\"pid\":\($0)}" })
    for column in TreeColumn.all {
      #expect(try lines("tree=1&sort=\(column.name)&fields=pid").count == 6)
    }
  }

  @Test func headersAreThoseOfTheTable() throws {
    let table = try response("")
    for query in ["group=name", "tree=1", "filter=cc1"] {
      let other = try response(query)
      #expect(other.status == 200)
      for header in table.headers { #expect(other.header(header.name) == header.value) }
      #expect(try response(query, gzip: true).header("Content-Encoding") == "gzip")
    }
  }

  @Test func aFilterThatNeedsTooMuchWorkIsA400ThatNamesTheLimit() throws {
    let row = Process(pid: 1, name: String(repeating: "a", count: 15))
    let many = PreparedAnswers.test([.at(1000, (1...2000).map { Process(pid: $0, name: row.name) })]
    )
    for query in ["", "&group=name", "&tree=1"] {
      let target = try RequestTarget("/cpu_usage?filter=name+~+%22^(a|aa?)%2B[bc]%22" + query)
      for gzip in [false, true] {
        let response = try many.response(.cpuUsage, for: target, gzip: gzip)
        #expect(response.status == 400)
        #expect(response.header("Content-Type") == "application/problem+json")
        #expect(response.text.contains("column 8: expected an expression with less work"))
        #expect(response.text.contains("10,000,000 steps"))
      }
    }
  }

  @Test(arguments: [
    ("filter=cpu>5", "filter=CPU%20>%205.0"), ("filter=", ""), ("filter=a", "filter=%22A%22"),
    ("group=name", "group=name&sort=cpu&order=desc"), ("tree=0", ""),
    (
      "tree=1",
      "tree=1&fields=pid,name,user_avg,sys_avg,status,depth,subtree_user_avg,subtree_sys_avg"
    ),
    ("group=unit", "group=unit&tree=0"),
  ])
  func equivalentQueriesAreOneQuestion(_ one: String, _ other: String) throws {
    #expect(
      try CPUUsageQuery(try RequestTarget("/cpu_usage?\(one)").query)
        == CPUUsageQuery(try RequestTarget("/cpu_usage?\(other)").query))
  }

  @Test func differentQueriesAreDifferentQuestions() throws {
    let texts = [
      "", "group=name", "group=program", "tree=1", "filter=a", "filter=b", "tree=1&fields=pid",
      "fields=pid",
    ]
    let queries = try texts.map { try CPUUsageQuery(try RequestTarget("/cpu_usage?\($0)").query) }
    #expect(Set(queries).count == texts.count)
  }

  /// Regular expressions may take a tenth of a second, which libmicrohttpd's threads do not have.
  @Test func workCountsWhatTheFilterMayTake() throws {
    func work(_ query: String) throws -> Int {
      try CPUUsageQuery(try RequestTarget("/cpu_usage?\(query)").query).work(for: answers.snapshot)
    }
    #expect(try work("filter=name+~+x") > 100_000)
    #expect(try work("filter=cpu>5+or+x") == work("") + 12)
    #expect(try work("group=name") < 1000)
  }
}

/// Answers whose rows depend on the names of users.
@Suite struct AwaitedUsersTests {
  private static let snapshot = {
    var window = Window.test()
    return window.add(.at(1000, [Process(pid: 5, uid: 7), Process(pid: 6, uid: 8)]))
  }()

  @Test(arguments: [
    "filter=user+%3D+user7&fields=pid", "group=user&fields=user&filter=user+%3D+user7",
  ])
  func theyWaitForTheNames(_ query: String) async throws {
    let pending = HeldWork()
    var encoder = AnswerEncoder.test
    encoder.userNames = UserNames(lookUp: { .name("user\($0)") }, run: { pending.add($0) })
    let desk = AnswerDesk(Self.snapshot, encoder, pool: .test, interval: .seconds(1))
    guard case .later(let work) = desk.answer(.cpuUsage, .test("/cpu_usage?\(query)")) else {
      return #expect(Bool(false), "the answer does not wait")
    }
    pending.run()
    let text = await work().settled().response.text
    #expect(
      text == (query.hasPrefix("group") ? "[\n{\"user\":\"user7\"}\n]\n" : "[\n{\"pid\":5}\n]\n"))
    // The names are known from now on.
    guard case .ready = desk.answer(.cpuUsage, .test("/cpu_usage?\(query)&limit=1")) else {
      return #expect(Bool(false), "the answer waits again")
    }
  }

  @Test func othersDoNot() {
    var encoder = AnswerEncoder.test
    encoder.userNames = UserNames(lookUp: { .name("user\($0)") }, run: { _ in })
    let desk = AnswerDesk(Self.snapshot, encoder, pool: .test, interval: .seconds(1))
    for query in ["fields=user", "filter=uid+%3D+7", "group=name", "tree=1", "sort=user"] {
      guard case .ready = desk.answer(.cpuUsage, .test("/cpu_usage?\(query)")) else {
        Issue.record("\(query) waits")
        continue
      }
    }
  }
}
