import ArgumentParser
import Linux
import Logging
import TestSupport
import Testing

@testable import TopServer

@Suite struct ServeInputsTests {
  private let lines = RecordingLog.Lines()
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    for name in ["stats.html", "client.css", "client.js"] {
      try folder.write("", to: "static/\(name)")
    }
    try folder.write("secret\n", to: "token")
  }

  /// The error for these options, when everything else is valid.
  private func complaint(_ wrong: [String: String]) throws -> String {
    let good = [
      "--proc": "/proc", "--static": "\(folder.path)/static",
      "--agent-token-file": "\(folder.path)/token", "--port": "0",
    ]
    let all = good.merging(wrong) { $1 }
    let settings = try Settings(
      try ServeOptions.parse(all.flatMap { [$0.key, $0.value] }), environment: [:], executable: "")
    let logger = lines.logger
    return try #require(throws: Failure.self) { try ServeInputs(settings, logger: logger) }
      .description
  }

  @Test func theFirstOfSeveralErrorsIsReported() throws {
    let none = "\(folder.path)/none"
    var wrong = ["--host": "203.0.113.1"]
    #expect(try complaint(wrong).hasPrefix("cannot listen on "))
    wrong["--agent-token-file"] = none
    #expect(try complaint(wrong).hasPrefix("cannot read the token of agents: "))
    wrong["--alerts"] = none
    #expect(try complaint(wrong).hasPrefix("cannot read the alerts: "))
    wrong["--static"] = none
    #expect(try complaint(wrong).hasPrefix("cannot read the static files: "))
    wrong["--proc"] = none
    #expect(try complaint(wrong).hasPrefix("cannot open the /proc to watch: "))
  }

  @Test func validInputsAreOpened() throws {
    let settings = try Settings.test(
      "--static", "\(folder.path)/static", "--agent-token-file", "\(folder.path)/token", "--port",
      "0")
    let inputs = try ServeInputs(settings, logger: lines.logger)
    #expect(inputs.token?.text == "secret")
    #expect(inputs.socket.port != 0)
    #expect(inputs.alerts.rules == AlertRule.defaults)
    #expect(inputs.run.bootID != "")
    #expect(inputs.files["/stats"] != nil)
  }
}
