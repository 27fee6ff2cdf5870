import Linux
import ProcFS

/// Where one rule stands: inactive, pending, firing, and back.
///
/// ```
///              beyond the threshold          for the hold time
///   inactive ───────────────────────► pending ───────────────► firing
///      ▲  ▲                              │                        │
///      │  └──── not beyond any more ─────┘                        │
///      └──── beyond the clearing threshold, for keep_firing_for ──┘
/// ```
///
/// Time in which nothing was measured proves nothing: after it, both spans begin anew.
struct AlertProgress: Sendable, Equatable {
  enum Phase: Sendable, Equatable {
    case inactive
    /// Beyond the threshold since then.
    case pending(since: Instant)
    /// Kept elsewhere: most of the time, for most hosts, there is none.
    indirect case firing(Alert)
  }

  /// A step from one phase to the next, or the loss of sight.
  enum Step: Sendable, Equatable {
    case pending
    /// Pending no more, without having fired.
    case cancelled
    case fired(Alert)
    case resolved(Alert)
    /// For some time there was no value, and why.
    case lost(String)
    /// There is a value again, after so many seconds.
    case found(after: Double)
  }

  private(set) var phase = Phase.inactive
  /// The newest value, as a mean where the rule asks for one; `nil` while there is none.
  private(set) var value: Double?
  private(set) var note: String?
  /// The process that a rule for a pid is about.
  private(set) var process: ProcessIdentity?
  private var mean = RunningMean()
  /// Nanoseconds since boot of the newest value, or of the first look when there was none yet.
  private var knownUntil: Int64?
  /// Nanoseconds since boot from which on the values of a firing alert have been good.
  private var clearSince: Int64?
  private var isLost = false

  var isFiring: Bool {
    switch phase {
    case .firing: true
    case .inactive, .pending: false
    }
  }

  init(phase: Phase = .inactive) {
    self.phase = phase
  }

  /// Takes what one snapshot says.
  ///
  /// - Parameters:
  ///   - length: Nanoseconds that the value stands for.
  ///   - patience: Nanoseconds without a value that are a gap.
  ///   - makeAlert: Makes the alert, given the moment from which on the rule was met.
  mutating func advance(
    _ reading: AlertReading, _ rule: AlertRule, length: Int64, at now: Instant, patience: Int64,
    makeAlert: (_ value: Double, _ since: Instant) -> Alert
  ) -> [Step] {
    note = reading.note
    process = reading.process ?? process
    let unknown = now.sinceBoot - (knownUntil ?? now.sinceBoot)
    knownUntil = knownUntil ?? now.sinceBoot
    guard let newest = reading.value else { return miss(unknown: unknown, patience: patience) }
    knownUntil = now.sinceBoot
    let resumption = resume(unknown: unknown, patience: patience, at: now)
    let value = mean.add(
      newest, length: length, at: now.sinceBoot, span: rule.averaging.nanoseconds)
    self.value = value
    return resumption + follow(value, rule, at: now, makeAlert)
  }

  /// There is no value: nothing moves, and after a while that is said.
  private mutating func miss(unknown: Int64, patience: Int64) -> [Step] {
    value = nil
    guard unknown > patience, !isLost else { return [] }
    isLost = true
    return [.lost(note ?? "")]
  }

  /// There is a value, perhaps after a time without.
  private mutating func resume(unknown: Int64, patience: Int64, at now: Instant) -> [Step] {
    guard unknown > patience else { return [] }
    mean.forget()
    clearSince = nil
    let mustSay = isLost || phase != .inactive
    isLost = false
    if case .pending = phase { phase = .pending(since: now) }
    return mustSay ? [.found(after: Double(unknown) / 1e9)] : []
  }

  private mutating func follow(
    _ value: Double, _ rule: AlertRule, at now: Instant,
    _ makeAlert: (_ value: Double, _ since: Instant) -> Alert
  ) -> [Step] {
    var steps: [Step] = []
    if phase == .inactive, rule.isMet(by: value) {
      phase = .pending(since: now)
      steps.append(.pending)
    }
    switch phase {
    case .inactive: break
    case .pending(let since):
      if !rule.isMet(by: value) {
        phase = .inactive
        steps.append(.cancelled)
      } else if now.sinceBoot - since.sinceBoot >= rule.hold.nanoseconds {
        let alert = makeAlert(value, since)
        phase = .firing(alert)
        steps.append(.fired(alert))
      }
    case .firing(var alert):
      if rule.isWorse(value, than: alert.worstValue) { alert.worstValue = value }
      phase = .firing(alert)
      clearSince = rule.isCleared(by: value) ? clearSince ?? now.sinceBoot : nil
      if let clearSince, now.sinceBoot - clearSince >= rule.keepFiring.nanoseconds {
        phase = .inactive
        self.clearSince = nil
        steps.append(.resolved(alert.ended(.cleared, at: now)))
      }
    }
    return steps
  }
}
