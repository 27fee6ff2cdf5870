import Linux

/// A step of one rule, as it is told to the world.
struct AlertTransition: Sendable, Equatable {
  /// Of which host; `nil` for the machine that the server runs on.
  var host: String?
  var rule: AlertRule
  var step: AlertProgress.Step
  /// Where the rule stands after it.
  var phase: AlertProgress.Phase
  /// The newest value; `nil` while there is none.
  var value: Double?
  /// Of what the value is, where the rule leaves that open; why there is none, where there is none.
  var note: String?
}

extension AlertTransition {
  /// The step in one word.
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

  /// Whether it changes what a reader of `/alerts` sees as active.
  var isForReaders: Bool {
    switch step {
    case .pending, .cancelled, .fired, .resolved: true
    case .lost, .found: false
    }
  }
}
