import Curl

/// What was counted, by one client or by all together.
///
/// A request is answered when its whole answer came, whatever the status; else it failed.
struct Tally: Sendable, Equatable {
  var times = ResponseTimes()
  /// Answers by the part of the time in which they came.
  var slices: [Int]
  /// Answers by status.
  var statuses: [Int: Int] = [:]
  /// Requests without an answer, by libcurl's reason.
  var failures: [String: Int] = [:]
  var bodyBytes = 0
  var headerBytes = 0
  /// Connections that were opened.
  var connections = 0
  /// Requests of a fixed rate that were due and were not sent before the end.
  var unsent = 0
  /// Nanoseconds from the start to the end of the last request.
  var elapsed: Int64 = 0
  /// Nanoseconds from the start to the last answer.
  var lastAnswer: Int64?

  init(slices: Int) {
    self.slices = Array(repeating: 0, count: slices)
  }

  /// Counts an answer.
  ///
  /// - Parameters:
  ///   - begun: When its response time began, in nanoseconds since the start, like `ended`.
  ///   - slice: Nanoseconds in a part of the time; who is late counts in the last.
  mutating func add(_ answer: CurlAnswer, from begun: Int64, to ended: Int64, slice: Int64) {
    times.record(ended - begun)
    slices[min(Int(ended / slice), slices.count - 1)] += 1
    statuses[answer.status, default: 0] += 1
    bodyBytes += answer.bodyBytes
    headerBytes += answer.headerBytes
    connections += answer.newConnections
    lastAnswer = ended
  }

  var answers: Int { times.count }
  var failed: Int { failures.values.reduce(0, +) }
  /// Answers that say that something went wrong.
  var refused: Int { statuses.reduce(0) { $0 + ($1.key < 400 ? 0 : $1.value) } }

  /// Adds what another client counted at the same time.
  mutating func join(_ other: Tally) {
    addCounts(of: other)
    for index in slices.indices { slices[index] += other.slices[index] }
    elapsed = max(elapsed, other.elapsed)
    lastAnswer = [lastAnswer, other.lastAnswer].compactMap { $0 }.max()
  }

  /// Adds what was counted in a later turn.
  mutating func append(_ next: Tally) {
    addCounts(of: next)
    slices += next.slices
    lastAnswer = next.lastAnswer.map { elapsed + $0 } ?? lastAnswer
    elapsed += next.elapsed
  }

  private mutating func addCounts(of other: Tally) {
    times.add(other.times)
    statuses.merge(other.statuses, uniquingKeysWith: +)
    failures.merge(other.failures, uniquingKeysWith: +)
    bodyBytes += other.bodyBytes
    headerBytes += other.headerBytes
    connections += other.connections
    unsent += other.unsent
  }
}

// MARK: - Figures

extension Tally {
  var seconds: Double { Double(elapsed) / 1e9 }

  /// Answers a second, over the time that passed until the last one.
  var requestsPerSecond: Double { seconds > 0 ? Double(answers) / seconds : 0 }

  /// Answers a second in each part of the time, without the part in which the run ended early.
  ///
  /// - Parameter slice: Nanoseconds in a part.
  func rates(bySlice slice: Int64) -> [Double] {
    let whole = max(1, min(Int(elapsed / slice), slices.count))
    return slices.prefix(whole).map { Double($0) / (Double(slice) / 1e9) }
  }

  /// What came over the wire, headers included.
  var bytes: Int { bodyBytes + headerBytes }
  var bytesPerAnswer: Double? { answers > 0 ? Double(bytes) / Double(answers) : nil }
  var bytesPerSecond: Double? { seconds > 0 ? Double(bytes) / seconds : nil }

  /// Seconds into the run after which no answer came any more, though requests were sent for more than a second.
  var silentSince: Double? {
    let last = lastAnswer ?? 0
    return failed > 0 && elapsed - last > 1_000_000_000 ? Double(last) / 1e9 : nil
  }
}
