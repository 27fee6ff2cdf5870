import Linux
import Logging

extension Settings {
  /// - Parameters:
  ///   - environment: The environment variables. The variable of an option is `TOPSERVER_` and the option's name.
  ///   - executable: The path of the program. The files of the page may be next to it.
  /// - Throws: A ``Failure`` that names the option or the variable and what it accepts.
  init(_ options: ServeOptions, environment: [String: String], executable: String) throws {
    func setting(_ option: String?, _ name: String) -> Setting? {
      Setting(option: option, name: name, environment: environment)
    }
    host = try setting(options.host, "host")?.address() ?? "127.0.0.1"
    port = try setting(options.port, "port")?.port() ?? 8845
    proc = options.sampling.proc(environment)
    interval = try options.sampling.interval(environment)
    let shortest = interval / .seconds(1)
    window =
      try setting(options.window, "window")?.seconds(shortest...3600) ?? max(.seconds(60), interval)
    commandLines = try setting(options.commandLines, "command-lines")?.commandLines() ?? .off
    staticFolder =
      setting(options.static, "static")?.text ?? Self.installedStatic(beside: executable)
    alertsFile = setting(options.alerts, "alerts")?.text
    agentTokenFile = setting(options.agentTokenFile, "agent-token-file")?.text
    let allowed = setting(nil, "allowed-host")?.text.split(separator: ",").map(String.init)
    allowedHosts = try (options.allowedHost.isEmpty ? allowed ?? [] : options.allowedHost).map(
      Self.hostName)
    connections =
      try setting(options.connections, "connections")?.count(64...1_000_000) ?? 16_384
    connectionsPerAddress =
      try setting(options.connectionsPerAddress, "connections-per-address")?.count(1...100_000)
      ?? 2048
    logLevel = try options.sampling.logLevel(environment)
    headerTimeout =
      try setting(options.headerTimeout, "header-timeout")?.seconds(0.1...3600) ?? .seconds(10)
    dataFolder = setting(options.data, "data")?.text ?? DataFolder.usual(environment)
    historyLimit =
      try setting(options.historyLimit, "history-limit")?.bytes(from: 4 << 20) ?? 256 << 20
    let isOff = try options.noRecord || setting(nil, "no-record")?.flag() ?? false
    records = !isOff
    flushInterval =
      try setting(options.flushInterval, "flush-interval")?.seconds(0.05...3600) ?? .seconds(5)
  }

  private static func hostName(_ text: String) throws -> String {
    let text = text.filter { $0 != " " }
    if text == "*" { return text }
    guard let name = HostPolicy.name(of: text) else {
      throw Failure.usage(
        "\"\(text)\" is not a host name: --allowed-host accepts a name, or * for all")
    }
    return name
  }

  /// The first existing folder of those where an installation or a checkout has the page.
  private static func installedStatic(beside executable: String) -> String {
    let folder = executable.split(separator: "/").dropLast().joined(separator: "/")
    let places = ["/\(folder)/../share/topserver/static", "/\(folder)/static", "static"]
    return places.first { (try? Files.names(in: $0)) != nil } ?? places[0]
  }
}

/// The value of an option, and the option or the variable that set it.
struct Setting {
  let text: String
  let source: String

  init?(option: String?, name: String, environment: [String: String]) {
    let variable = "TOPSERVER_" + name.uppercased().replacing("-", with: "_")
    if let option {
      (text, source) = (option, "--\(name)")
    } else if let value = environment[variable], !value.isEmpty {
      (text, source) = (value, variable)
    } else {
      return nil
    }
  }

  func bad(_ accepts: String) -> Failure {
    .usage("\(source) is \"\(text)\": it accepts \(accepts)")
  }

  func address() throws -> String {
    guard !text.isEmpty else { throw bad("an address or a host name") }
    return text
  }

  func port() throws -> UInt16 {
    guard let port = UInt16(text) else { throw bad("a number from 0 to 65535") }
    return port
  }

  func count(_ range: ClosedRange<Int>) throws -> Int {
    guard let value = Int(text), range.contains(value) else {
      throw bad("a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  /// Parses a duration in the format of ``TimeSpan``.
  func seconds(_ range: ClosedRange<Double>) throws -> Duration {
    guard let value = TimeSpan.parse(text), range.contains(value / .seconds(1)) else {
      throw bad("seconds from \(Self.plain(range.lowerBound)) to \(Self.plain(range.upperBound))")
    }
    return value
  }

  func bytes(from least: Int64) throws -> Int64 {
    guard let bytes = ByteCount.parse(text), bytes >= least else {
      throw bad("a number of bytes such as 256MiB or 1GB, at least \(least / (1 << 20))MiB")
    }
    return bytes
  }

  /// Parses the variable of a flag.
  func flag() throws -> Bool {
    switch text.lowercased() {
    case "1", "true", "yes", "on": return true
    case "0", "false", "no", "off": return false
    default: throw bad("1 or 0")
    }
  }

  func commandLines() throws -> CommandLines {
    switch text.lowercased() {
    case "1", "true", "yes", "on": return .scrubbed
    case "0", "false", "no": return .off
    default: break
    }
    guard let value = CommandLines(rawValue: text.lowercased()) else {
      throw bad(CommandLines.allCases.map(\.rawValue).joined(separator: ", "))
    }
    return value
  }

  func logLevel() throws -> Logger.Level {
    guard let level = Logger.Level(rawValue: text.lowercased()) else {
      throw bad(Logger.Level.allCases.map(\.rawValue).joined(separator: ", "))
    }
    return level
  }

  private static func plain(_ value: Double) -> String {
    value == value.rounded() ? "\(Int(value))" : "\(value)"
  }
}
