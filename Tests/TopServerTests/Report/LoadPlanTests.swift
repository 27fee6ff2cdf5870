import ArgumentParser
import Linux
import Testing

@testable import TopServer

@Suite struct LoadPlanTests {
  private func plan(_ arguments: [String], _ environment: [String: String] = [:]) throws -> LoadPlan
  {
    try LoadPlan(try ReportOptions.parse(arguments), environment: environment)
  }

  @Test func defaultsMatchTheHelp() throws {
    let plan = try plan([])
    #expect(plan.targets.map(\.urls) == [["http://127.0.0.1:8845/cpu_usage"]])
    #expect(plan.clients == 5)
    #expect(plan.duration == .seconds(300))
    #expect(plan.rate == nil)
    #expect(plan.timeout == .seconds(10))
    #expect(plan.output == "report.html")
    #expect(plan.json == nil)
  }

  @Test func usesTheServersPortFromTheEnvironment() throws {
    let plan = try plan([], ["TOPSERVER_PORT": "9000"])
    #expect(plan.targets[0].origin == "http://127.0.0.1:9000")
  }

  @Test func parsesEveryOption() throws {
    let plan = try plan([
      "http://localhost:1/a", "--clients", "7", "--duration", "1m30s", "--rate", "2.5", "--path",
      "/x?y=1",
      "--path", "/z", "--compare", "http://[::1]:2/b", "--output", "o", "--json", "j", "--timeout",
      "500ms",
    ])
    #expect(plan.targets[0].urls == ["http://localhost:1/x?y=1", "http://localhost:1/z"])
    #expect(plan.targets[1].urls == ["http://[::1]:2/x?y=1", "http://[::1]:2/z"])
    #expect(plan.clients == 7)
    #expect(plan.duration == .seconds(90))
    #expect(plan.rate == 2.5)
    #expect(plan.timeout == .milliseconds(500))
    #expect(plan.output == "o")
    #expect(plan.json == "j")
  }

  @Test(arguments: [
    (["--clients", "0"], "--clients is \"0\": it accepts a whole number from 1 to 1000"),
    (["--clients", "five"], "--clients is \"five\": it accepts a whole number from 1 to 1000"),
    (["--clients", "1001"], "--clients is \"1001\": it accepts a whole number from 1 to 1000"),
    (
      ["--duration", "0"],
      "--duration is \"0\": it accepts a time from 1 s to 24 h, for example 90s or 5m"
    ),
    (
      ["--duration", "5 minutes"],
      "--duration is \"5 minutes\": it accepts a time from 1 s to 24 h, for example 90s or 5m"
    ),
    (["--rate", "0"], "--rate is \"0\": it accepts a number from 0.01 to 1,000,000"),
    (["--rate", "nan"], "--rate is \"nan\": it accepts a number from 0.01 to 1,000,000"),
    (["--path", "x"], "--path is \"x\": it accepts a path that begins with /"),
    (["--path", "/a b"], "--path is \"/a b\": it accepts a path that begins with /"),
    (["--output", ""], "--output is \"\": it accepts the name of a file"),
    (["--output", "x", "--json", "x"], "--json and --output name the same file"),
    (["box:80"], "the URL is \"box:80\": it accepts http://HOST[:PORT][/PATH]"),
    (
      ["--compare", "ftp://127.0.0.1/"],
      "--compare is \"ftp://127.0.0.1/\": it accepts http://HOST[:PORT][/PATH]"
    ),
    (
      ["http://192.0.2.1/"],
      "http://192.0.2.1 is not this machine's loopback address; allow it with --allow-remote"
    ),
  ])
  func namesAnInvalidOption(_ arguments: [String], _ message: String) throws {
    let failure = try #require(throws: Failure.self) { try plan(arguments) }
    #expect(failure.description == message)
    #expect(failure.status == 64)
  }

  @Test func queriesOtherMachinesOnlyIfAllowed() throws {
    #expect(try plan(["http://192.0.2.1/", "--allow-remote"]).targets[0].isLoopback == false)
    #expect(throws: Failure.self) { try plan(["--compare", "http://192.0.2.1/"]) }
  }

  @Test(arguments: [
    ("1s", 60), ("10s", 60), ("75s", 75), ("5m", 300), ("24h", 300),
  ])
  func plotsOnePointPerSecondUpToALimit(_ duration: String, _ slices: Int) throws {
    let plan = try plan(["--duration", duration])
    #expect(plan.slicesPerTurn == slices)
    #expect(plan.turns == 1)
    #expect(plan.slice * Int64(slices) <= plan.duration.nanoseconds)
  }

  @Test func twoServersTakeTurns() throws {
    let plan = try plan(["--compare", "http://127.0.0.1:2/", "--duration", "5m"])
    #expect(plan.turns == 10)
    #expect(plan.turn == .seconds(30))
    #expect(plan.slicesPerTurn == 30)
    #expect(plan.slice == 1_000_000_000)
  }
}

@Suite struct LoadTargetTests {
  @Test(arguments: [
    ("http://127.0.0.1:8845/cpu_usage", "http://127.0.0.1:8845", "/cpu_usage"),
    ("HTTP://LocalHost", "http://LocalHost", "/"),
    ("https://127.8.0.1/a/b?c=d&e", "https://127.8.0.1", "/a/b?c=d&e"),
    ("http://[::1]:7/%20?", "http://[::1]:7", "/%20?"),
  ])
  func parsesLoopbackTargets(_ url: String, _ origin: String, _ path: String) throws {
    let target = try #require(LoadTarget(url: url))
    #expect(target.origin == origin)
    #expect(target.paths == [path])
    #expect(target.isLoopback)
  }

  @Test(arguments: [
    "http://192.0.2.1/", "http://box/", "http://localhost.example.org/", "http://127.1/",
    "http://0.0.0.0/",
    "http://2130706433/", "http://[::]/", "http://[fe80::1]/", "http://127.0.0.1.example.org/",
    "http://[::ffff:127.0.0.1]/",
  ])
  func parsesRemoteTargets(_ url: String) throws {
    #expect(try #require(LoadTarget(url: url)).isLoopback == false)
  }

  @Test(arguments: [
    "", "127.0.0.1", "/cpu_usage", "http://", "http:///x", "file:///etc/passwd",
    "http://user@127.0.0.1/",
    "http://user:secret@127.0.0.1/", "http://127.0.0.1/#part", "http://127.0.0.1:0/",
    "http://127.0.0.1:65536/",
    "http://127.0.0.1/a b", "http://127.0.0.1\\@example.org/", "http://127.0.0.1/\n", "http://[x]/",
    "http://é/",
    "http://a%2fb/",
  ])
  func rejectsInvalidURLs(_ url: String) {
    #expect(LoadTarget(url: url) == nil)
  }
}
