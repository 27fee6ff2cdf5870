import Testing

@testable import TopServer

@Suite struct BackoffTests {
  @Test func waitsGrowUpToALimit() {
    var backoff = Backoff()
    let waits = (0..<40).map { _ in backoff.next(random: 1) }
    #expect(Array(waits.prefix(6)) == [0.5, 1, 2, 4, 8, 15].map { Duration.seconds($0) })
    #expect(waits.suffix(30).allSatisfy { $0 == .seconds(15) })
  }

  @Test func agentsThatFailTogetherReconnectAtDifferentTimes() {
    var backoff = Backoff()
    for _ in 0..<10 { _ = backoff.next(random: 0.3) }
    #expect(backoff.next(random: 0) == .seconds(7.5))
    #expect(backoff.next(random: 0.5) == .seconds(11.25))
  }

  @Test func anAnswerResetsTheBackoff() {
    var backoff = Backoff()
    for _ in 0..<10 { _ = backoff.next(random: 0) }
    backoff.succeeded()
    #expect(backoff.next(random: 0) == .seconds(0.25))
  }

  @Test func aRefusalIsRetriedRarely() {
    #expect(Backoff.afterRefusal(random: 0) == .seconds(30))
    #expect(Backoff.afterRefusal(random: 1) == .seconds(90))
  }
}
