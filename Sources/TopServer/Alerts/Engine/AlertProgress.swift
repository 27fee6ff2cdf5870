import Linux
import ProcFS

/// The state of one rule: inactive, pending or firing.
///
/// ```
///              beyond the threshold          for the hold time
///   inactive ───────────────────────► pending ───────────────► firing
///      ▲  ▲                              │                        │
///      │  └────── no longer beyond ──────┘                        │
///      └──── beyond the clearing threshold, for keep_firing_for ──┘
/// ```
///
/// Nothing is known about a gap in the values: after it, the hold time and keep_firing_for start again.
struct AlertProgress: Sendable, Equatable {
  enum Phase: Sendable, Equatable {
    case inactive
    /// The value has been beyond the threshold since then.
    case pending(since: Instant)
    /// Indirect to save memory, since most rules of most hosts have no alert.
    indirect case firing(Alert)
  }

  /// A change of the phase, or the loss or return of the value.
  enum Step: Sendable, Equatable {
    case pending
    /// No longer pending, without having fired.
    case cancelled
    case fired(Alert)
    case resolved(Alert)
    /// There has been no value for some time, for this reason.
    case lost(String)
    /// There is a value again, after this many seconds.
    case found(after: Double)
  }

  private(set) var phase = Phase.inactive
  /// The newest value, averaged where the rule asks for a mean; `nil` while there is none.
  private(set) var value: Double?
  private(set) var note: String?
  /// The process that a rule for a pid watches.
  private(set) var process: ProcessIdentity?
  private var mean = RunningMean()
  /// When the newest value was taken, in nanoseconds since boot, or the first evaluation while there was none.
  private var knownUntil: Int64?
  /// The time since which a firing alert's values have been beyond the clearing threshold, in nanoseconds since boot.
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

  /// Evaluates the rule for one reading.
  ///
  /// - Parameters:
  ///   - length: Nanoseconds that the value covers.
  ///   - patience: Nanoseconds without a value that count as a gap.
  ///   - makeAlert: Makes the alert from the value and the moment since which the rule was met.
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

  /// Handles a missing value: the phase stays, and after `patience` the loss is reported.
  private mutating func miss(unknown: Int64, patience: Int64) -> [Step] {
    value = nil
    guard unknown > patience, !isLost else { return [] }
    isLost = true
    return [.lost(note ?? "")]
  }

  /// Handles a value that may follow a gap.
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
