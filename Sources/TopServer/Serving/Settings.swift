import Logging

/// The settings of `topserver serve`.
///
/// Each comes from the command line, else from the environment, else the default.
struct Settings: Sendable, Equatable {
  var host: String
  var port: UInt16
  var proc: String
  var interval: Duration
  var window: Duration
  var commandLines: CommandLines
  var staticFolder: String
  /// The file with the alert rules; `nil` for the default rules.
  var alertsFile: String?
  /// The file with the agents' token; `nil` if they need none.
  var agentTokenFile: String?
  var allowedHosts: [String]
  var connections: Int
  var connectionsPerAddress: Int
  var logLevel: Logger.Level
  var headerTimeout: Duration
  /// The folder of the history; `nil` if the environment names no home directory.
  var dataFolder: String?
  var historyLimit: Int64
  var records: Bool
  var flushInterval: Duration
}
