import Linux

/// A step of one rule, as it is told to the world.
struct AlertTransition: Sendable, Equatable {
  var rule: AlertRule
  var step: AlertProgress.Step
  /// Where the rule stands after it.
  var phase: AlertProgress.Phase
  /// The newest value; `nil` while there is none.
  var value: Double?
  /// Of what the value is, where the rule leaves that open; why there is none, where there is none.
  var note: String?
}
