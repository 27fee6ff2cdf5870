import Linux

/// The alert engine: the rules, their states, and the resolved alerts.
///
/// Pure: the same rules, memory and snapshots give the same transitions.
struct AlertBook: Sendable {
  private static let longestHistory = 200
  /// The limit for the time between a cause and its alert, since the trail must also hold the minutes before the cause.
  private static let longestDelay = Duration.seconds(300)

  let rules: [AlertRule]
  /// The state of each rule for this machine, in the order of ``rules``.
  private(set) var progress: [AlertProgress]
  /// The states for the other hosts.
  private var fleet: FleetAlerts
  /// Resolved alerts, the newest first.
  private(set) var history: [Alert]
  /// Counts the changes of ``memory``.
  private(set) var revision: UInt64 = 0
  private var trail = CPUTrail()
  private var nextID: Int64
  /// Nanoseconds without a value that count as a gap.
  private let patience: Int64

  /// - Parameters:
  ///   - interval: The intended time between two snapshots.
  ///   - memory: The state that the previous run stored.
  init(
    rules: [AlertRule], interval: Duration, memory: AlertMemory = AlertMemory(), at now: Instant
  ) {
    self.rules = rules
    patience = max(3 * interval.nanoseconds, 5_000_000_000)
    progress = rules.map { rule in
      let alert = memory.firing.first { $0.host == nil && $0.rule == rule.name }
      return AlertProgress(phase: alert.map { .firing($0) } ?? .inactive)
    }
    fleet = FleetAlerts(rules, firing: memory.firing)
    history = memory.history
    nextID = memory.nextID
    let orphans = memory.firing.filter { alert in !firing.contains { $0.id == alert.id } }
    for alert in orphans { archive(alert.ended(.ruleRemoved, at: now)) }
  }

  /// The state that survives a restart.
  var memory: AlertMemory {
    AlertMemory(nextID: nextID, firing: firing, history: history)
  }

  /// The firing alerts: those of this machine in the order of their rules, then those of other hosts by name.
  var firing: [Alert] {
    let phases = progress.map(\.phase) + fleet.active.map(\.progress.phase)
    return phases.compactMap { if case .firing(let alert) = $0 { alert } else { nil } }
  }

  /// The pending and firing rules of other hosts, by name of the host.
  var activeHosts: [AlertReport.HostEntry] { fleet.active }

  /// Evaluates the rules for the next snapshot of this machine.
  ///
  /// - Parameter now: When its sweep began.
  /// - Returns: The transitions, in the order of the rules.
  mutating func evaluate(_ snapshot: Snapshot, at now: Instant) -> [AlertTransition] {
    trail.add(snapshot)
    let length = snapshot.interval.map { Int64($0 * 1e9) } ?? 0
    var transitions: [AlertTransition] = []
    for (index, rule) in rules.enumerated() where rule.metric.isAboutThisMachine {
      var stand = progress[index]
      let reading = rule.metric.reading(snapshot, bound: stand.process)
      let steps = stand.advance(reading, rule, length: length, at: now, patience: patience) {
        makeAlert(rule, value: $0, since: $1, reading.note, snapshot, at: now)
      }
      progress[index] = stand
      for step in steps {
        note(step)
        transitions.append(
          AlertTransition(
            rule: rule, step: step, phase: stand.phase, value: stand.value, note: reading.note))
      }
    }
    return transitions
  }

  /// Evaluates the rules for the current state of the fleet.
  ///
  /// - Returns: The transitions, host by host. They exclude lost values, since a separate rule reports silent hosts.
  mutating func evaluate(_ hosts: [FleetHost], at now: Instant) -> [AlertTransition] {
    var nextID = nextID
    let transitions = fleet.evaluate(hosts, at: now, patience: patience) { alert in
      alert.id = nextID
      nextID += 1
    }
    for transition in transitions { note(transition.step) }
    return transitions
  }

  private mutating func note(_ step: AlertProgress.Step) {
    switch step {
    case .fired:
      nextID += 1
      revision += 1
    case .resolved(let alert): archive(alert)
    case .pending, .cancelled, .lost, .found: break
    }
  }

  private mutating func archive(_ alert: Alert) {
    history.insert(alert, at: 0)
    history.removeLast(max(0, history.count - Self.longestHistory))
    revision += 1
  }

  private func makeAlert(
    _ rule: AlertRule, value: Double, since: Instant, _ note: String?, _ snapshot: Snapshot,
    at now: Instant
  ) -> Alert {
    var choice: AlertMetric.ProcessChoice?
    if case .process(let meant) = rule.metric { choice = meant }
    // A mean rises late, so the cause may have begun up to the averaging time earlier.
    let delay = min(rule.averaging + rule.metric.kernelAveraging, Self.longestDelay)
    let start = since.sinceBoot - delay.nanoseconds
    return Alert(
      id: nextID, rule: rule.name, condition: rule.description, unit: rule.metric.unit,
      side: rule.side, threshold: rule.threshold, conditionSince: since.wall, since: now,
      firstValue: value, worstValue: value, note: note,
      suspects: rule.metric.isAboutCPU
        ? Lineup(trail, since: start, snapshot).suspects(among: choice) : [])
  }
}
