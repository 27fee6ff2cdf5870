import Linux

/// What `topserver report` does.
struct LoadPlan: Sendable, Equatable {
  /// One server, or two that take turns.
  var targets: [LoadTarget]
  var clients: Int
  /// How long each target is asked.
  var duration: Duration
  /// Requests a second of all clients together; `nil` when each sends as soon as it has its answer.
  var rate: Double?
  /// How long one request may take.
  var timeout: Duration
  /// The files to write.
  var output: String
  var json: String?
}

extension LoadPlan {
  /// How often each target has its turn.
  var turns: Int { targets.count > 1 ? 10 : 1 }

  /// The length of one turn.
  var turn: Duration { duration / turns }

  /// Into how many parts of equal length the time of one turn is cut for the plot.
  ///
  /// One a second for runs of one to five minutes; fewer would show too little, more would not be seen.
  var slicesPerTurn: Int {
    min(max(60, Int(duration.components.seconds)), 300) / turns
  }

  /// Nanoseconds of one such part.
  var slice: Int64 { turn.nanoseconds / Int64(slicesPerTurn) }
}
