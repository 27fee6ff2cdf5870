import Jansson

/// The facts that a server reports about itself in `/system`.
struct ServerFacts: Sendable, Equatable {
  var sequence: Int64
  var hostName: String
  var version: String
  /// Seconds that the sample measured; `nil` after only one sample.
  var interval: Double?
  /// Percent of one CPU over the last interval; `nil` after only one sample.
  var cpuPercent: Double?
  var residentBytes: Int64?
  /// Percent of all CPUs over the last interval.
  var machineBusyPercent: Double?
  /// The number of requests since the server's start: of `/cpu_usage`, of `/system` and of all other paths.
  private var requests: JSONValue?

  /// - Returns: `nil` if the text is not an answer of Top-Server.
  init?(parsing bytes: [UInt8]) {
    guard let object = try? JSONValue(parsing: bytes), let own = object["self"],
      let sequence = object["sequence"]?.count, let hostName = object["hostname"]?.string,
      let version = own["version"]?.string
    else { return nil }
    (self.sequence, self.hostName, self.version) = (sequence, hostName, version)
    interval = object["interval_seconds"]?.number
    cpuPercent = own["cpu_percent"]?["now"]?.number
    residentBytes = own["rss_bytes"]?.count
    machineBusyPercent = object["cpu"]?["now"]?["busy_percent"]?.number
    requests = own["requests_total"]
  }

  /// The number of requests for these paths.
  ///
  /// `nil` if the server does not count them, or if the paths include /system, which we request ourselves.
  func requests(for paths: [String]) -> Int64? {
    let routes = Set(
      paths.map { path in
        switch path.prefix(while: { $0 != "?" }) {
        case "/cpu_usage": "cpu_usage"
        case "/system": "system"
        default: "other"
        }
      })
    guard !routes.contains("system") else { return nil }
    let counts = routes.compactMap { requests?[$0]?.count }
    return counts.count == routes.count ? counts.reduce(0, +) : nil
  }
}

extension JSONValue {
  /// A plausible counter value.
  ///
  /// A larger number could overflow a sum.
  fileprivate var count: Int64? { integer.flatMap { (0..<1 << 53).contains($0) ? $0 : nil } }
}
