import Linux
import Logging
import WebSocket

/// The settings of `topserver agent`.
///
/// Each comes from the command line, else from the environment, else the default.
struct AgentSettings: Sendable, Equatable {
  var hub: WebSocketURL
  /// The name of this host at the hub.
  var name: String
  var tokenFile: String?
  /// Certificate authorities to trust; `nil` for those of the system.
  var caFile: String?
  var interval: Duration
  var proc: String
  var logLevel: Logger.Level

  /// - Parameters:
  ///   - environment: The environment variables. The variable of an option is `TOPSERVER_` and the option's name.
  ///   - hostName: The host name of this machine.
  /// - Throws: A ``Failure`` that names the option or the variable and what it accepts.
  init(_ options: AgentOptions, environment: [String: String], hostName: String) throws {
    func setting(_ option: String?, _ name: String) -> Setting? {
      Setting(option: option, name: name, environment: environment)
    }
    guard let hub = setting(options.hub, "hub") else {
      throw Failure.usage(
        "no hub is given; choose one with --hub ws://HOST:8845/webservices/cpu/ or TOPSERVER_HUB")
    }
    self.hub = try hub.webSocket()
    name = try setting(options.name, "name")?.hostName() ?? hostName
    tokenFile = setting(options.tokenFile, "token-file")?.text
    caFile = setting(options.caFile, "ca-file")?.text
    interval = try options.sampling.interval(environment)
    proc = options.sampling.proc(environment)
    logLevel = try options.sampling.logLevel(environment)
  }

  /// Whether the token crosses the network unencrypted.
  var showsToken: Bool {
    tokenFile != nil && !hub.isSecure && !NetworkAddress.isLoopback(hub.host)
  }
}

extension Setting {
  fileprivate func webSocket() throws -> WebSocketURL {
    do {
      return try WebSocketURL(text)
    } catch {
      throw bad("ws://HOST:PORT/webservices/cpu/ or wss://…; \(error)")
    }
  }

  fileprivate func hostName() throws -> String {
    do {
      try HostName.check(text)
      return text
    } catch {
      throw bad(error.reason)
    }
  }
}
