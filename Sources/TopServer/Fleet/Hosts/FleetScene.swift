import Linux

/// The fleet at one tick: every answer about the fleet is made from it.
struct FleetScene: Sendable {
  /// The number of the tick.
  let sequence: UInt64
  let time: Instant
  let hosts: [FleetHost]
  /// The firing rules by host.
  let alerts: [String: [String]]

  init(sequence: UInt64, time: Instant, hosts: [FleetHost], alerts: [String: [String]] = [:]) {
    self.sequence = sequence
    self.time = time
    self.hosts = hosts
    self.alerts = alerts
  }
}
