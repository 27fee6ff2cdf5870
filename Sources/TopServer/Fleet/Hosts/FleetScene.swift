import Linux
import Synchronization

/// The fleet at one tick: what every answer about it is made from.
final class FleetScene: Sendable {
  /// Counts the ticks.
  let sequence: UInt64
  let time: Instant
  let hosts: [FleetHost]
  /// The rules that fire, by host.
  let alerts: [String: [String]]
  /// What an earlier scene had as text, to take over what did not change.
  private let before: FleetText?
  private let made = Mutex<FleetText?>(nil)

  init(
    sequence: UInt64, time: Instant, hosts: [FleetHost], alerts: [String: [String]] = [:],
    after before: FleetScene? = nil
  ) {
    self.sequence = sequence
    self.time = time
    self.hosts = hosts
    self.alerts = alerts
    self.before = before?.made.withLock { $0 }
  }

  /// Every host as JSON; made when it is first asked for, and then shared.
  var text: FleetText {
    if let ready = made.withLock({ $0 }) { return ready }
    // Outside the lock: two threads may both make it, but none waits for the other.
    let text = FleetText(self, after: before)
    return made.withLock { made in
      made = made ?? text
      return made ?? text
    }
  }
}
