import Testing

@testable import Curl
@testable import TopServer

@Suite struct TallyTests {
  private static let second: Int64 = 1_000_000_000

  private func answer(_ status: Int = 200, body: Int = 100, connections: Int = 0) -> CurlAnswer {
    CurlAnswer(
      status: status, body: [], bodyBytes: body, headerBytes: 20, newConnections: connections,
      microseconds: 0)
  }

  /// Four answers in two seconds, in four slices of half a second.
  private func tally() -> Tally {
    var tally = Tally(slices: 4)
    tally.add(answer(connections: 1), from: 0, to: Self.second / 10, slice: Self.second / 2)
    tally.add(answer(), from: 0, to: Self.second * 6 / 10, slice: Self.second / 2)
    tally.add(
      answer(503, body: 0), from: Self.second, to: Self.second * 11 / 10, slice: Self.second / 2)
    tally.add(answer(), from: Self.second, to: Self.second * 21 / 10, slice: Self.second / 2)
    tally.elapsed = Self.second * 2
    return tally
  }

  @Test func computesTheThreeFigures() {
    let tally = tally()
    #expect(tally.answers == 4)
    #expect(tally.requestsPerSecond == 2)
    #expect(tally.times.mean == 0.475)
  }

  @Test func countsAnswersInTheirSliceAndLateOnesInTheLast() {
    #expect(tally().slices == [1, 1, 1, 1])
  }

  @Test func countsBytesStatusesAndConnections() {
    let tally = tally()
    #expect(tally.statuses == [200: 3, 503: 1])
    #expect(tally.refused == 1)
    #expect(tally.bytes == 380)
    #expect(tally.bytesPerAnswer == 95)
    #expect(tally.bytesPerSecond == 190)
    #expect(tally.connections == 1)
  }

  @Test func joinsClientsOfTheSameTime() {
    var sum = tally()
    var other = tally()
    other.elapsed = Self.second * 3
    other.failures = ["Timeout was reached": 2]
    other.unsent = 7
    sum.join(other)
    #expect(sum.answers == 8)
    #expect(sum.slices == [2, 2, 2, 2])
    #expect(sum.seconds == 3)
    #expect(sum.failed == 2)
    #expect(sum.unsent == 7)
  }

  @Test func appendsTurns() {
    var sum = Tally(slices: 0)
    sum.append(tally())
    sum.append(tally())
    #expect(sum.answers == 8)
    #expect(sum.slices == Array(repeating: 1, count: 8))
    #expect(sum.seconds == 4)
    #expect(sum.requestsPerSecond == 2)
    #expect(sum.lastAnswer == Self.second * 41 / 10)
  }

  @Test func noticesThatTheServerStopped() {
    var tally = tally()
    #expect(tally.silentSince == nil)
    tally.elapsed = Self.second * 10
    // Silence alone may mean a low rate.
    #expect(tally.silentSince == nil)
    tally.failures = ["Couldn't connect to server": 3]
    #expect(tally.silentSince == 2.1)
  }

  @Test func hasNoFiguresWithoutAnswers() {
    let tally = Tally(slices: 1)
    #expect(tally.requestsPerSecond == 0)
    #expect(tally.bytesPerAnswer == nil)
    #expect(tally.silentSince == nil)
  }
}
