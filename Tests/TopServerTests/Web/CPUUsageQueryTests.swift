import MicroHTTPD
import ProcFS
import Testing

@testable import TopServer

@Suite struct CPUUsageQueryTests {
  private func query(_ text: String) throws -> CPUUsageQuery {
    try CPUUsageQuery(try RequestTarget("/cpu_usage?" + text).query)
  }

  @Test func readsEveryParameter() throws {
    let query = try query(
      "fields=name,pid&sort=rss_bytes&order=asc&limit=3&name=Py%20x&status=running,disk-sleep&min_cpu=1.5&scale=host"
    )
    #expect(query.columns.map(\.name) == ["name", "pid"])
    #expect(query.sort == CPUUsageColumn.named("rss_bytes").map { .column($0) })
    #expect(query.descending == false)
    #expect(query.limit == 3)
    #expect(query.name == "py x")
    #expect(query.states == [.running, .diskSleep])
    #expect(query.minimumCPU == 1.5)
    #expect(query.scale == .machine)
  }

  @Test(arguments: [
    "fields=", "fields=pid,", "fields=pid,nope", "fields=pid,pid", "sort=", "sort=nope", "order=up",
    "limit=0",
    "limit=-1", "limit=1.5", "limit=", "limit=99999999999999999999", "limit=%2B1", "status=asleep",
    "status=",
    "min_cpu=", "min_cpu=-1", "min_cpu=nan", "min_cpu=inf", "min_cpu=0x1p3", "min_cpu=1e2",
    "min_cpu=5%25", "scale=both",
  ])
  func aBadValueIsNamedWithWhatIsAccepted(_ text: String) throws {
    let problem = try #require(throws: Problem.self) { try query(text) }
    let name = String(text.prefix { $0 != "=" })
    #expect(problem.status == 400)
    #expect(problem.detail.contains(": \(name) accepts "))
  }

  @Test(arguments: [
    ("", "sort=cpu"), ("", "order=desc"), ("", "scale=core"), ("", "min_cpu=0"),
    ("", "min_cpu=0.0"),
    ("", "name="), ("", "fields=pid,name,user_avg,sys_avg,status"), ("limit=5", "limit=05"),
    ("sort=name", "order=asc&sort=name"), ("sort=name", "sort=n%61me"), ("name=a", "name=A"),
    ("status=running,dead", "status=dead,running"), ("min_cpu=1", "min_cpu=1.0"),
    ("sort=pid&limit=1", "limit=1&&sort=pid"),
    (
      "",
      "status=running,sleeping,disk-sleep,stopped,tracing-stop,zombie,dead,idle,parked,wake-kill,waking"
    ),
  ])
  func equivalentQueriesAreOneQuestion(_ one: String, _ other: String) throws {
    #expect(try query(one) == query(other))
  }

  @Test func differentQueriesAreDifferentQuestions() throws {
    let texts = [
      "", "order=asc", "sort=name", "sort=name&order=desc", "limit=5", "limit=6", "name=a",
      "name=b",
      "fields=pid,name", "fields=name,pid", "scale=host", "min_cpu=1", "status=running",
    ]
    #expect(Set(try texts.map(query)).count == texts.count)
  }

  @Test func unknownAndRepeatedParametersAreRefused() throws {
    let unknown = try #require(throws: Problem.self) { try query("limt=3") }
    #expect(
      unknown.detail.hasPrefix("unknown parameter \"limt\"; this route accepts fields,"))
    let repeated = try #require(throws: Problem.self) { try query("limit=3&limit=4") }
    #expect(repeated.detail == "limit is given more than once")
  }
}

@Suite struct CPUUsageSelectionTests {
  private let snapshot: Snapshot

  init() {
    var window = Window.test()
    let names: [(Int32, String, UInt64)] = [
      (1, "init", 0), (2, "bash", 50), (3, "Bash", 50), (4, "cc1", 90),
    ]
    _ = window.add(.at(1000, names.map { Process(pid: $0.0, name: $0.1) }))
    snapshot = window.add(
      .at(
        1001,
        names.map { Process(pid: $0.0, name: $0.1, user: $0.2) } + [
          Process(pid: 9, start: 1, name: "old")
        ]))
  }

  private func pids(_ text: String) throws -> [Int32] {
    let query = try CPUUsageQuery(try RequestTarget("/cpu_usage?" + text).query)
    return try query.select(from: snapshot, users: KnownUsers()).map {
      snapshot.processes[$0].identity.pid
    }
  }

  @Test func theBusiestComeFirstThenByPidAndTheUnknownLast() throws {
    #expect(try pids("") == [4, 2, 3, 1, 9])
    #expect(try pids("order=asc") == [1, 2, 3, 4, 9])
  }

  @Test func sortsByAnyColumn() throws {
    #expect(try pids("sort=pid") == [1, 2, 3, 4, 9])
    #expect(try pids("sort=pid&order=desc") == [9, 4, 3, 2, 1])
    #expect(try pids("sort=name") == [3, 2, 4, 1, 9])
    for column in CPUUsageColumn.all {
      #expect(try Set(pids("sort=\(column.name)")) == [1, 2, 3, 4, 9])
    }
  }

  @Test func filtersNarrowBeforeTheLimit() throws {
    #expect(try pids("name=bASH") == [2, 3])
    #expect(try pids("min_cpu=50") == [4, 2, 3])
    #expect(try pids("min_cpu=50&limit=2") == [4, 2])
    #expect(try pids("min_cpu=45&scale=host") == [4])
    #expect(try pids("min_cpu=0") == [4, 2, 3, 1, 9])
    #expect(try pids("status=running") == [])
    #expect(try pids("status=sleeping,running&limit=1") == [4])
  }
}
