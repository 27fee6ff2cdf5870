import Testing

@testable import MicroHTTPD

@Suite("Daemon counts")
struct DaemonCountsTests {
  private static let minute: Int64 = 60_000_000_000

  @Test(
    "Each reason is reported at most once a minute, with the count since then")
  func pace() {
    let counts = DaemonCounts()
    let told = [0, 1, Self.minute - 1, Self.minute, Self.minute + 1].map {
      counts.count(DaemonLimit.streams, at: $0)
    }
    #expect(told == [1, nil, nil, 3, nil])
    #expect(counts.count(DaemonLimit.connections, at: 2) == 1)
    #expect(counts.count(DaemonEnding.idle, times: 7, at: 2) == 7)
    #expect(counts.count(DaemonEnding.idle, times: 0, at: 3 * Self.minute) == nil)
    #expect(counts.now.refused == [.streams: 5, .connections: 1])
    #expect(counts.now.ended == [.idle: 7])
  }

  @Test("Every reason has its own message with the value of its limit")
  func notes() {
    let notes = DaemonLimit.allCases.map { $0.note(times: 2, number: 4_711) }
    #expect(Set(notes).count == notes.count)
    #expect(notes.allSatisfy { $0.contains("4711") && $0.hasPrefix("2 refusals") })
    #expect(
      Set(DaemonEnding.allCases.map { $0.note(times: 1) }).count == DaemonEnding.allCases.count)
  }
}
