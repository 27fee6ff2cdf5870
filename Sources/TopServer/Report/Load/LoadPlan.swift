import Linux

/// The parameters of `topserver report`.
struct LoadPlan: Sendable, Equatable {
  /// One server, or two that are queried alternately.
  var targets: [LoadTarget]
  var clients: Int
  /// How long each target is queried.
  var duration: Duration
  /// The request rate per second of all clients together; `nil` if each sends as soon as it has its answer.
  var rate: Double?
  /// The time limit for one request.
  var timeout: Duration
  /// The files to write.
  var output: String
  var json: String?
}

extension LoadPlan {
  /// The number of turns of each target.
  var turns: Int { targets.count > 1 ? 10 : 1 }

  /// The length of one turn.
  var turn: Duration { duration / turns }

  /// The number of equal slices of a turn in the plot.
  ///
  /// One per second for runs of one to five minutes. Fewer would show too little, and more would not be visible.
  var slicesPerTurn: Int {
    min(max(60, Int(duration.components.seconds)), 300) / turns
  }

  /// The length of a slice in nanoseconds.
  var slice: Int64 { turn.nanoseconds / Int64(slicesPerTurn) }
}
