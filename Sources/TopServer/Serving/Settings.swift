import Logging

/// What `topserver serve` runs with: each option from the command line, else from the environment, else the default.
struct Settings: Sendable, Equatable {
  var host: String
  var port: UInt16
  var proc: String
  var interval: Duration
  var window: Duration
  var staticFolder: String
  /// The file with the rules of alerts; `nil` for the defaults.
  var alertsFile: String?
  /// The file with the token of agents; `nil` when they need none.
  var agentTokenFile: String?
  var allowedHosts: [String]
  var connections: Int
  var connectionsPerAddress: Int
  var logLevel: Logger.Level
  var headerTimeout: Duration
  /// Where the history is kept; `nil` when the environment names no home.
  var dataFolder: String?
  var historyLimit: Int64
  var records: Bool
  var flushInterval: Duration
}
