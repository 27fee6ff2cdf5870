import Jansson
import MicroHTTPD
import Testing

@testable import TopServer

/// The text of every error about a query, route by route.
@Suite struct QueryErrorTests {
  private let routes: Routes

  init() throws { routes = try .test() }

  /// The golden files have the list itself.
  private static let columns = CPUUsageColumn.all.map(\.name).joined(separator: ", ")
  private static let groupColumns =
    "processes, " + CPUUsageColumn.summed.map(\.name).joined(separator: ", ")
  private static let states =
    "running, sleeping, disk-sleep, stopped, tracing-stop, zombie, dead, idle, parked, wake-kill, "
    + "waking"
  private static let hostFields =
    "host, state, connected, kind, address, agent, sampled_at, clock_offset_seconds, "
    + "interval_seconds, uptime_seconds, cpu_count, cpu_percent, cpu_average_percent, cpu, load, "
    + "memory, coverage_percent, ledger, processes, alerts, reconnects, late_samples, given_up_samples, "
    + "recent_cpu_percent, age_seconds"
  private static let moments =
    "RFC 3339 (2026-01-31T08:15:30Z), seconds since the epoch, now, or a relative time (-15m)"
  private static func x(_ count: Int) -> String { String(repeating: "x", count: count) }

  private static let cpuUsage = [
    "x=1": "unknown parameter \"x\"; this route accepts fields, sort, order, limit, name, "
      + "status, min_cpu, filter, group, tree, scale and at",
    "x=1&x=2&limit=0": "unknown parameter \"x\"; this route accepts fields, sort, order, "
      + "limit, name, status, min_cpu, filter, group, tree, scale and at",
    "Limit=3": "unknown parameter \"Limit\"; this route accepts fields, sort, order, limit, "
      + "name, status, min_cpu, filter, group, tree, scale and at",
    "=1": "unknown parameter \"\"; this route accepts fields, sort, order, limit, name, "
      + "status, min_cpu, filter, group, tree, scale and at",
    "limit=3&limit=4": "limit is given more than once",
    "limit=3&limit=0": "limit is given more than once",
    "limit=0&x=1": "limit=0: limit accepts a whole number from 1",
    "limit": "limit=: limit accepts a whole number from 1",
    "limit=%2B1": "limit=+1: limit accepts a whole number from 1",
    "name=a&name=a": "name is given more than once",
    "fields=pid,nope": "fields=pid,nope: fields accepts all, or each of these once, separated by "
      + "commas: \(columns)",
    "fields=pid,pid": "fields=pid,pid: fields accepts all, or each of these once, separated by "
      + "commas: \(columns)",
    "fields=\(x(81))": "fields=\(x(80))…: fields accepts all, or each of these once, separated by "
      + "commas: \(columns)",
    "sort=nope": "sort=nope: sort accepts cpu or one of \(columns)",
    "order=up": "order=up: order accepts asc or desc",
    "status=running,asleep": "status=running,asleep: status accepts one or more of these, "
      + "separated by commas: \(states)",
    "min_cpu=-1": "min_cpu=-1: min_cpu accepts a percentage from 0",
    "scale=both": "scale=both: scale accepts core or host",
    "group=colour": "group=colour: group accepts cgroup or container or name or pod or program or "
      + "state or unit or user",
    "tree=yes": "tree=yes: tree accepts 0 or 1",
    "group=unit&tree=1": "group and tree=1 exclude each other: leave one of them out",
    "group=unit&fields=unit,pid": "fields=unit,pid: with group=unit, fields accepts all, or each "
      + "of these once, separated by commas: unit, \(groupColumns), pids",
    "fields=program&group=unit": "fields=program: with group=unit, fields accepts all, or each "
      + "of these once, separated by commas: unit, \(groupColumns), pids",
    "group=name&sort=pids": "sort=pids: with group=name, sort accepts cpu or one of name, "
      + groupColumns,
    "fields=depths&tree=1": "fields=depths: with tree=1, fields accepts all, or each of these "
      + "once, separated by commas: \(columns), depth, subtree_user_avg, subtree_sys_avg, matched",
    "sort=heat&tree=1": "sort=heat: with tree=1, sort accepts cpu or one of \(columns), depth, "
      + "subtree_user_avg, subtree_sys_avg, matched",
    "filter=cpu+%3E+high": "filter=cpu > high: column 7: expected a number in percent such as 5 "
      + "or 0.5% for cpu, and not \"high\"",
    "filter=not": "filter=not: column 4: expected a comparison such as cpu > 5, or a word, and "
      + "not the end",
    "at=soon": "at=soon: at accepts \(moments)",
    "at=": "at=: at accepts \(moments)",
    "at=\(x(81))": "at=\(x(81)): at accepts \(moments)",
    "at=now&at=now": "at is given more than once",
    "at=soon&at=late": "at=soon: at accepts \(moments)",
    "at=soon&limit=0": "at=soon: at accepts \(moments)",
    "at=now&at=now&x=1": "at is given more than once",
  ]

  private static let hosts = [
    "x=1": "unknown parameter \"x\"; this route accepts fields, min_cpu, sort, order, limit "
      + "and host",
    "host=a&host=b&x=1": "unknown parameter \"x\"; this route accepts fields, min_cpu, "
      + "sort, order, limit and host",
    "limit=1&limit=2": "limit is given more than once",
    "fields=pid": "fields=pid: fields accepts all, or each of these once, separated by commas: "
      + hostFields,
    "sort=pid": "sort=pid: sort accepts age or average or cpu or name",
    "order=up": "order=up: order accepts asc or desc",
    "limit=0": "limit=0: limit accepts a whole number from 1",
    "min_cpu=hot": "min_cpu=hot: min_cpu accepts a percentage from 0",
  ]

  private static let history = [
    "x=1": "unknown parameter \"x\"; this route accepts series, from, to, step and host",
    "host=a&host=b": "host is given more than once",
    "from=-5m&from=x": "from is given more than once",
    "from=x": "from=x: from accepts \(moments)",
    "from=\(x(81))": "from=\(x(81)): from accepts \(moments)",
    "to=": "to=: to accepts \(moments)",
    "from=now&to=-5m": "from must lie before to",
    "step=0": "step=0: step accepts seconds from 1, or a time such as 5m",
    "step=\(x(81))": "step=\(x(81)): step accepts seconds from 1, or a time such as 5m",
    "from=-1d&step=1":
      "the answer would have more than 10000 points: step must be at least 9s, or left out",
    "series=a:most": "series=a:most: series accepts all, or names separated by commas, each "
      + "optionally followed by :min, :max or :avg",
    "series=\(x(80)),": "series=\(x(80))…: series accepts all, or names separated by commas, each "
      + "optionally followed by :min, :max or :avg",
    "series=\((0...200).map { "s\($0)" }.joined(separator: ","))":
      "series has 201 selections; the limit is 200. Use cpu.* for all series whose names begin "
      + "with cpu.",
  ]

  private static let stretch = [
    "x=1": "unknown parameter \"x\"; this route accepts from, to and limit",
    "to=now&to=now": "to is given more than once",
    "from=x": "from=x: from accepts \(moments)",
    "to=\(x(81))": "to=\(x(81)): to accepts \(moments)",
    "limit=0": "limit=0: limit accepts a whole number from 1",
    "from=now&to=-5m": "from must lie before to",
  ]

  private static let routes: [(path: String, errors: [String: String])] = [
    ("/cpu_usage", cpuUsage), ("/hosts", hosts), ("/history", history),
    (
      "/explain",
      stretch.merging(["from=-8d": "a range may be at most seven days long"]) { $1 }
    ),
    (
      "/process_history",
      stretch.merging(["from=-61m": "a range may be at most an hour long"]) { $1 }
    ),
    (
      "/alerts",
      [
        "x=1": "unknown parameter \"x\"; this route accepts only recent",
        "recent=1&x=1": "unknown parameter \"x\"; this route accepts only recent",
        "recent=-1": "recent=-1: this must be a whole number, 0 or more",
        "recent=\(x(81))": "recent=\(x(81)): this must be a whole number, 0 or more",
        "recent=1&recent=x": "recent=x: this must be a whole number, 0 or more",
      ]
    ),
    (
      "/events",
      [
        "x=1": "unknown parameter \"x\"; this route accepts only after",
        "after=-1": "after=-1: this must be the id of an event, a whole number",
        "after=1&after=": "after=: this must be the id of an event, a whole number",
      ]
    ),
    ("/system", ["x=1&y=2": "unknown parameter \"x\"; this route has no parameters"]),
    ("/get_stats", ["x=1&y=2": "unknown parameter \"x\"; this route has no parameters"]),
    ("/webservices/cpu/", ["x=1&y=2": "unknown parameter \"x\"; this route has no parameters"]),
  ]

  private static let all = routes.flatMap { route in
    route.errors.sorted { $0.key < $1.key }.map { ("\(route.path)?\($0.key)", $0.value) }
  }

  @Test(arguments: all)
  func eachErrorHasItsText(_ target: String, _ detail: String) throws {
    let reply = routes.answer(.test(target))
    #expect(reply.status == 400)
    // The answer itself has at most 1,000 characters of it.
    let shown = detail.count > 1000 ? detail.prefix(1000) + "…" : detail[...]
    let expected = JSONValue.object([
      .init("type", .string("about:blank")), .init("title", .string("Bad Request")),
      .init("status", .integer(400)), .init("detail", .string(String(shown))),
    ])
    #expect(reply.response.text == String(decoding: expected.encoded(), as: UTF8.self) + "\n")
  }

  /// Queries that these routes accept, although they need not.
  @Test(arguments: [
    "/alerts?recent=1&recent=2", "/alerts?recent=%2B1", "/hosts?host=a&host=a", "/stats?x=1",
    "/livez?x=1", "/readyz?x=1",
  ])
  func theseAreNotErrors(_ target: String) {
    #expect(routes.answer(.test(target)).status == 200)
  }

  @Test func theLastOfSeveralEventsCounts() {
    guard case .stream = routes.answer(.test("/events?after=1&after=%2B2")) else {
      Issue.record("no stream")
      return
    }
  }
}
