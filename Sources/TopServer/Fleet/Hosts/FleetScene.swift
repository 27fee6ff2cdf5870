import Linux

/// The fleet at one tick: what every answer about it is made from.
struct FleetScene: Sendable {
  /// Counts the ticks.
  let sequence: UInt64
  let time: Instant
  let hosts: [FleetHost]
  /// The rules that fire, by host.
  let alerts: [String: [String]]

  init(sequence: UInt64, time: Instant, hosts: [FleetHost], alerts: [String: [String]] = [:]) {
    self.sequence = sequence
    self.time = time
    self.hosts = hosts
    self.alerts = alerts
  }
}
