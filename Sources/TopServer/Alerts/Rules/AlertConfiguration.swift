/// What is watched, and who is told.
struct AlertConfiguration: Sendable, Equatable {
  var rules = AlertRule.defaults
  var webhook: Webhook?
}

/// Where transitions are sent to.
struct Webhook: Sendable, Equatable {
  struct Header: Sendable, Equatable {
    var name: String
    var value: String
  }

  /// With `http` or `https`.
  var url: String
  /// What one attempt may take.
  var timeout = Duration.seconds(5)
  var headers: [Header] = []
}
