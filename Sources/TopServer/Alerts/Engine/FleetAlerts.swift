import Linux
import ProcFS

/// Where the rules stand for every host but this machine.
///
/// Thousands of hosts are looked at each second, so what most of them are, quiet, must cost next to nothing.
struct FleetAlerts: Sendable {
  fileprivate struct Entry {
    /// For each of the rules, in their order.
    var progress: [AlertProgress]
    /// The moment of the newest sample that was looked at.
    var moment = Int64.min
    /// The look at which the host was last seen.
    var look: UInt64 = 0

    var isActive: Bool { progress.contains { $0.phase != .inactive } }
  }

  /// Those that messages of hosts can meet.
  private let rules: [AlertRule]
  private var byHost: [String: Entry] = [:]
  private var activeNames: Set<String> = []
  private var look: UInt64 = 0

  /// - Parameter firing: What the run before has left.
  init(_ rules: [AlertRule], firing: [Alert]) {
    self.rules = rules.filter(\.metric.isAboutOtherHosts)
    let fresh = fresh
    for alert in firing {
      guard let host = alert.host,
        let place = self.rules.firstIndex(where: { $0.name == alert.rule })
      else { continue }
      byHost[host, default: fresh].progress[place] = AlertProgress(phase: .firing(alert))
      activeNames.insert(host)
    }
  }

  private var fresh: Entry { Entry(progress: rules.map { _ in AlertProgress() }) }

  /// What is pending or fires, by the name of the host.
  var active: [AlertReport.HostEntry] {
    activeNames.sorted().flatMap { host in
      zip(rules, byHost[host]?.progress ?? []).filter { $1.phase != .inactive }
        .map { AlertReport.HostEntry(host: host, rule: $0, progress: $1) }
    }
  }

  /// Takes the fleet as it is now.
  ///
  /// - Parameters:
  ///   - patience: Nanoseconds without a value that are a gap.
  ///   - number: Gives a new alert its number.
  mutating func evaluate(
    _ hosts: [FleetHost], at now: Instant, patience: Int64, number: (inout Alert) -> Void
  ) -> [AlertTransition] {
    guard !rules.isEmpty else { return [] }
    look += 1
    var transitions: [AlertTransition] = []
    let fresh = fresh
    var count = 0
    // Anybody can make up a name: only one that has lasted is worth an alert.
    for host in hosts where host.kind != .local && host.hasLasted {
      count += 1
      var entry = byHost[host.name] ?? fresh
      entry.look = look
      entry.evaluate(host, rules, at: now, patience: patience, number: number, &transitions)
      if entry.isActive {
        activeNames.insert(host.name)
      } else if !activeNames.isEmpty {
        activeNames.remove(host.name)
      }
      byHost[host.name] = entry
    }
    if byHost.count > count { forget(at: now, &transitions) }
    return transitions
  }

  /// Ends what is left of hosts that are gone.
  private mutating func forget(at now: Instant, _ transitions: inout [AlertTransition]) {
    for (name, entry) in byHost.filter({ $1.look != look }).sorted(by: { $0.key < $1.key }) {
      for (rule, progress) in zip(rules, entry.progress) {
        guard case .firing(let alert) = progress.phase else { continue }
        transitions.append(
          AlertTransition(
            host: name, rule: rule, step: .resolved(alert.ended(.hostForgotten, at: now)),
            phase: .inactive))
      }
      byHost[name] = nil
      activeNames.remove(name)
    }
  }
}

extension FleetAlerts.Entry {
  fileprivate mutating func evaluate(
    _ host: FleetHost, _ rules: [AlertRule], at now: Instant, patience: Int64,
    number: (inout Alert) -> Void, _ transitions: inout [AlertTransition]
  ) {
    // An agent may take its time between two samples.
    let interval = Int64((host.pace ?? 1) * 1e9)
    let patience = max(patience, 3 * interval)
    let isNew = host.latestMoment != moment && host.state == .live
    moment = host.latestMoment
    for (place, rule) in rules.enumerated() {
      // Between two samples there is nothing to say, unless one is missing.
      guard isNew || rule.metric == .silence || host.state != .live else { continue }
      let length = rule.metric == .silence ? 0 : interval
      let steps = progress[place].advance(
        host.reading(of: rule.metric, at: now, isFiring: progress[place].isFiring), rule,
        length: length, at: now, patience: patience
      ) { value, since in
        var alert = Alert(host, rule, value: value, since: since, at: now)
        number(&alert)
        return alert
      }
      for step in steps where !step.isAboutSight {
        transitions.append(
          AlertTransition(
            host: host.name, rule: rule, step: step, phase: progress[place].phase,
            value: progress[place].value, note: progress[place].note))
      }
    }
  }
}

extension AlertProgress.Step {
  /// Whether it says that a value is gone or is there again.
  fileprivate var isAboutSight: Bool {
    switch self {
    case .lost, .found: true
    case .pending, .cancelled, .fired, .resolved: false
    }
  }
}

extension Alert {
  fileprivate init(
    _ host: FleetHost, _ rule: AlertRule, value: Double, since: Instant, at now: Instant
  ) {
    self.init(
      id: 0, host: host.name, rule: rule.name, condition: rule.description, unit: rule.metric.unit,
      side: rule.side, threshold: rule.threshold, conditionSince: since.wall, since: now,
      firstValue: value, worstValue: value)
    // The hub knows no more of the processes of another host than its newest message says.
    if rule.metric.isAboutCPU { suspects = host.latest.processes.map(Suspect.init) }
  }
}

extension Suspect {
  fileprivate init(_ process: TopProcess) {
    self.init(
      identity: .init(pid: process.pid, startTicks: 0), name: process.name, startTime: nil,
      before: nil, during: process.cpu, hasEnded: false)
  }
}
