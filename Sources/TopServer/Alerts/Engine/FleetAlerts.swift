import Linux
import ProcFS

/// The states of the rules for all hosts except this machine.
///
/// It evaluates thousands of hosts each second, so a quiet host must cost almost nothing.
struct FleetAlerts: Sendable {
  fileprivate struct Entry {
    /// The state of each rule, in the order of ``rules``.
    var progress: [AlertProgress]
    /// The time of the newest evaluated sample.
    var moment = Int64.min
    /// The last evaluation in which the host existed.
    var look: UInt64 = 0

    var isActive: Bool { progress.contains { $0.phase != .inactive } }
  }

  /// The rules that apply to other hosts.
  private let rules: [AlertRule]
  private var byHost: [String: Entry] = [:]
  private var activeNames: Set<String> = []
  private var look: UInt64 = 0

  /// - Parameter firing: The alerts that the previous run stored.
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

  /// The pending and firing rules, by name of the host.
  var active: [AlertReport.HostEntry] {
    activeNames.sorted().flatMap { host in
      zip(rules, byHost[host]?.progress ?? []).filter { $1.phase != .inactive }
        .map { AlertReport.HostEntry(host: host, rule: $0, progress: $1) }
    }
  }

  /// Evaluates the rules for the current state of the fleet.
  ///
  /// - Parameters:
  ///   - patience: Nanoseconds without a value that count as a gap.
  ///   - number: Gives a new alert its number.
  mutating func evaluate(
    _ hosts: [FleetHost], at now: Instant, patience: Int64, number: (inout Alert) -> Void
  ) -> [AlertTransition] {
    guard !rules.isEmpty else { return [] }
    look += 1
    var transitions: [AlertTransition] = []
    let fresh = fresh
    var count = 0
    // Any client can invent a name, so only confirmed hosts can raise an alert.
    for host in hosts where host.kind != .local && host.isConfirmed {
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

  /// Resolves the alerts of hosts that left the fleet.
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
    // The interval of an agent may be longer than ours.
    let interval = Int64((host.pace ?? 1) * 1e9)
    let patience = max(patience, 3 * interval)
    let isNew = host.latestMoment != moment && host.state == .live
    moment = host.latestMoment
    for (place, rule) in rules.enumerated() {
      // Without a new sample nothing changes, except for a rule on silence or a host that is silent.
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
  /// Whether the step is the loss or return of a value.
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
    // The hub knows only the processes in the newest message of another host.
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
