import ArgumentParser
import Logging
import Testing

@testable import TopServer

@Suite struct SettingsTests {
  private func settings(_ arguments: [String], _ environment: [String: String] = [:]) throws
    -> Settings
  {
    try Settings(
      try ServeOptions.parse(arguments), environment: environment,
      executable: "/opt/nowhere/bin/topserver")
  }

  @Test func theDefaultsMatchTheHelp() throws {
    let settings = try settings([])
    #expect(settings.host == "127.0.0.1")
    #expect(settings.port == 8845)
    #expect(settings.proc == "/proc")
    #expect(settings.interval == .seconds(1))
    #expect(settings.window == .seconds(60))
    #expect(settings.alertsFile == nil)
    #expect(settings.allowedHosts == [])
    #expect(settings.connectionsPerAddress == 2048)
    #expect(settings.logLevel == .info)
  }

  @Test(
    arguments: [
      ([], nil, CommandLines.off), (["--command-lines"], nil, .scrubbed),
      (["--command-lines", "--port", "1"], nil, .scrubbed),
      (["--command-lines=scrubbed"], nil, .scrubbed), (["--command-lines=full"], nil, .full),
      (["--command-lines=off"], "full", .off), ([], "full", .full), ([], "1", .scrubbed),
      ([], "no", .off), ([], "", .off),
    ] as [([String], String?, CommandLines)])
  func commandLinesAreShownOnlyOnRequest(
    arguments: [String], variable: String?, expected: CommandLines
  ) throws {
    let environment = variable.map { ["TOPSERVER_COMMAND_LINES": $0] } ?? [:]
    #expect(try settings(arguments, environment).commandLines == expected)
  }

  @Test func theEnvironmentFillsInAndTheCommandLineWins() throws {
    let environment = [
      "TOPSERVER_HOST": "::", "TOPSERVER_PORT": "1", "TOPSERVER_PROC": "/host/proc",
      "TOPSERVER_INTERVAL": "0.5",
      "TOPSERVER_WINDOW": "30s", "TOPSERVER_STATIC": "/srv",
      "TOPSERVER_ALERTS": "/etc/alerts.yaml", "TOPSERVER_ALLOWED_HOST": "a.example, b.example",
      "TOPSERVER_LOG_LEVEL": "DEBUG",
    ]
    let settings = try settings(["--port", "2", "--window", "10"], environment)
    #expect(settings.host == "::")
    #expect(settings.port == 2)
    #expect(settings.proc == "/host/proc")
    #expect(settings.interval == .milliseconds(500))
    #expect(settings.window == .seconds(10))
    #expect(settings.staticFolder == "/srv")
    #expect(settings.alertsFile == "/etc/alerts.yaml")
    #expect(settings.allowedHosts == ["a.example", "b.example"])
    #expect(settings.logLevel == .debug)
  }

  @Test(arguments: [
    (["--port", "65536"], "--port is \"65536\": it accepts a number from 0 to 65535"),
    (["--port=-1"], "--port is \"-1\": it accepts a number from 0 to 65535"),
    (
      ["--connections-per-address", "0"],
      "--connections-per-address is \"0\": it accepts a number from 1 to 100000"
    ),
    (["--interval", "0"], "--interval is \"0\": it accepts seconds from 0.1 to 60"),
    (["--interval", "nan"], "--interval is \"nan\": it accepts seconds from 0.1 to 60"),
    (["--interval", "5", "--window", "2"], "--window is \"2\": it accepts seconds from 5 to 3600"),
    (
      ["--command-lines=some"],
      "--command-lines is \"some\": it accepts off, scrubbed, full"
    ),
    (
      ["--log-level", "loud"],
      "--log-level is \"loud\": it accepts trace, debug, info, notice, warning, error, critical"
    ),
    (
      ["--allowed-host", "a/b"],
      "\"a/b\" is not a host name: --allowed-host accepts a name, or * for all"
    ),
  ])
  func aBadOptionIsNamed(_ arguments: [String], _ message: String) throws {
    let failure = try #require(throws: Failure.self) { try settings(arguments) }
    #expect(failure.description == message)
    #expect(failure.status == 64)
  }

  @Test func aBadVariableIsNamedToo() throws {
    let failure = try #require(throws: Failure.self) {
      try settings([], ["TOPSERVER_PORT": "http"])
    }
    #expect(
      failure.description == "TOPSERVER_PORT is \"http\": it accepts a number from 0 to 65535")
  }

  @Test func anEmptyVariableCountsAsUnset() throws {
    #expect(try settings([], ["TOPSERVER_PORT": ""]).port == 8845)
  }
}

/// The options that `serve` and `agent` share.
@Suite struct SamplingOptionsTests {
  private func both(_ arguments: [String], _ environment: [String: String] = [:]) throws
    -> (Settings, AgentSettings)
  {
    (
      try Settings(
        try ServeOptions.parse(arguments), environment: environment,
        executable: "/opt/nowhere/bin/topserver"),
      try AgentSettings(
        try AgentOptions.parse(["--hub", "ws://hub/"] + arguments), environment: environment,
        hostName: "web-1")
    )
  }

  private func check(
    _ settings: (serve: Settings, agent: AgentSettings), _ interval: Duration, _ proc: String,
    _ level: Logger.Level
  ) {
    #expect(settings.serve.interval == interval)
    #expect(settings.agent.interval == interval)
    #expect(settings.serve.proc == proc)
    #expect(settings.agent.proc == proc)
    #expect(settings.serve.logLevel == level)
    #expect(settings.agent.logLevel == level)
  }

  @Test func bothCommandsReadThemAlike() throws {
    check(try both([]), .seconds(1), "/proc", .info)
    let environment = [
      "TOPSERVER_INTERVAL": "2", "TOPSERVER_PROC": "/host/proc", "TOPSERVER_LOG_LEVEL": "debug",
    ]
    check(try both([], environment), .seconds(2), "/host/proc", .debug)
    let arguments = ["--interval", "500ms", "--proc", "/p", "--log-level", "error"]
    check(try both(arguments, environment), .milliseconds(500), "/p", .error)
  }

  @Test(arguments: [
    (["--interval", "0"], "--interval is \"0\": it accepts seconds from 0.1 to 60"),
    (
      ["--log-level", "loud"],
      "--log-level is \"loud\": it accepts trace, debug, info, notice, warning, error, critical"
    ),
  ])
  func anAgentNamesABadOneAsAServerDoes(_ arguments: [String], _ message: String) throws {
    let options = try AgentOptions.parse(["--hub", "ws://hub/"] + arguments)
    let failure = try #require(throws: Failure.self) {
      try AgentSettings(options, environment: [:], hostName: "web-1")
    }
    #expect(failure.description == message)
  }
}

@Suite struct AgentSettingsTests {
  @Test(arguments: [
    ("ws://hub/", true), ("wss://hub/", false), ("ws://localhost/", false),
    ("ws://127.0.0.1/", false), ("ws://[::1]/", false), ("ws://127.example.org/", true),
    ("ws://10.0.0.1/", true),
  ])
  func aTokenThatOthersCanReadIsReported(_ hub: String, _ isShown: Bool) throws {
    let options = try AgentOptions.parse(["--hub", hub, "--token-file", "/token"])
    let settings = try AgentSettings(options, environment: [:], hostName: "web-1")
    #expect(settings.showsToken == isShown)
  }
}

@Suite struct HealthCommandTests {
  @Test(arguments: [
    ("http://127.0.0.1", "127.0.0.1", 8845), ("http://box:99/x", "box", 99),
    ("http://[::1]:7", "::1", 7),
  ])
  func readsHostAndPortOfAURL(_ url: String, _ host: String, _ port: Int) throws {
    let address = try HealthCommand.address(of: url)
    #expect(address.host == host)
    #expect(address.port == port)
  }

  @Test(arguments: ["", "box", "https://box", "http://", "http://box:99999"])
  func rejectsInvalidServerURLs(_ url: String) {
    #expect(throws: Failure.self) { try HealthCommand.address(of: url) }
  }
}
