import Curl

/// The counts of one client or of all clients.
///
/// A request is answered if a complete answer arrived, with any status. Otherwise it failed.
struct Tally: Sendable, Equatable {
  var times = ResponseTimes()
  /// The number of answers in each slice of the time.
  var slices: [Int]
  /// The number of answers by status.
  var statuses: [Int: Int] = [:]
  /// The number of requests without an answer, by libcurl's reason.
  var failures: [String: Int] = [:]
  var bodyBytes = 0
  var headerBytes = 0
  /// The number of connections opened.
  var connections = 0
  /// The number of requests of a fixed rate that were due but not sent before the end.
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
  ///   - begun: The start of the response time, in nanoseconds since the start, like `ended`.
  ///   - slice: The length of a slice in nanoseconds. A late answer counts in the last slice.
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
  /// The number of answers with an error status.
  var refused: Int { statuses.reduce(0) { $0 + ($1.key < 400 ? 0 : $1.value) } }

  /// Adds the counts of another client over the same time.
  mutating func join(_ other: Tally) {
    addCounts(of: other)
    for index in slices.indices { slices[index] += other.slices[index] }
    elapsed = max(elapsed, other.elapsed)
    lastAnswer = [lastAnswer, other.lastAnswer].compactMap { $0 }.max()
  }

  /// Appends the counts of a later turn.
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

  /// The answers per second, over the whole time.
  var requestsPerSecond: Double { seconds > 0 ? Double(answers) / seconds : 0 }

  /// The answers per second in each slice, without an incomplete slice at the end.
  ///
  /// - Parameter slice: The length of a slice in nanoseconds.
  func rates(bySlice slice: Int64) -> [Double] {
    let whole = max(1, min(Int(elapsed / slice), slices.count))
    return slices.prefix(whole).map { Double($0) / (Double(slice) / 1e9) }
  }

  /// The bytes received, including headers.
  var bytes: Int { bodyBytes + headerBytes }
  var bytesPerAnswer: Double? { answers > 0 ? Double(bytes) / Double(answers) : nil }
  var bytesPerSecond: Double? { seconds > 0 ? Double(bytes) / seconds : nil }

  /// The time in seconds after which no answer arrived although requests were sent for more than another second.
  var silentSince: Double? {
    let last = lastAnswer ?? 0
    return failed > 0 && elapsed - last > 1_000_000_000 ? Double(last) / 1e9 : nil
  }
}
