import Linux

/// A step of one rule, for the log, clients and webhooks.
struct AlertTransition: Sendable, Equatable {
  /// The host; `nil` for the machine of the server.
  var host: String?
  var rule: AlertRule
  var step: AlertProgress.Step
  /// The phase after the step.
  var phase: AlertProgress.Phase
  /// The newest value; `nil` while there is none.
  var value: Double?
  /// The subject of the value, if the rule does not name one; without a value, the reason why there is none.
  var note: String?
}

extension AlertTransition {
  /// The name of the step.
  var name: String {
    switch step {
    case .pending: "pending"
    case .cancelled: "cancelled"
    case .fired: "firing"
    case .resolved: "resolved"
    case .lost: "lost"
    case .found: "found"
    }
  }

  /// Whether the step changes the active alerts in `/alerts`.
  var isForReaders: Bool {
    switch step {
    case .pending, .cancelled, .fired, .resolved: true
    case .lost, .found: false
    }
  }
}
