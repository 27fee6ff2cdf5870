extension DaemonLimit {
  /// The message for the operator.
  func note(times: Int, number: Int) -> String {
    let refused = times == 1 ? "1 refusal" : "\(times) refusals"
    return switch self {
    case .connections: "\(refused): there are \(number) connections, the limit of all"
    case .connectionsPerAddress: "\(refused): one address has \(number) connections, its limit"
    case .streams: "\(refused): there are \(number) event streams, the limit of all"
    case .streamsPerAddress: "\(refused): one address has \(number) event streams, its limit"
    case .upgrades: "\(refused): there are \(number) upgraded connections, the limit of all"
    case .waitingAnswers: "\(refused): \(number) answers are in progress, the limit of all"
    case .waitingAnswersPerAddress:
      "\(refused): \(number) answers for one address are in progress, its limit"
    case .unsentBytes:
      "\(refused): large answers of \(number) bytes wait for clients, the limit of all"
    case .headSize: "\(refused): request line and headers have more than \(number) bytes"
    }
  }
}

extension DaemonEnding {
  /// The message for the operator.
  func note(times: Int) -> String {
    let ended = times == 1 ? "1 connection was ended" : "\(times) connections were ended"
    return switch self {
    case .slowRequest: "\(ended): no complete request arrived in time"
    case .slowReader: "\(ended): the client received its answer too slowly"
    case .unsentBytes: "\(ended): too many bytes were unsent, and these clients were the slowest"
    case .idle: "\(ended): they were idle, and others needed their places"
    case .clientLeft:
      times == 1
        ? "1 answer was cancelled: its client had left"
        : "\(times) answers were cancelled: their clients had left"
    }
  }
}
