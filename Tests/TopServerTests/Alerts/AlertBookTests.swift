import Linux
import Testing

@testable import TopServer

@Suite struct AlertBookTests {
  // MARK: - Phases

  @Test func aValueBeyondTheThresholdForTheHoldTimeFires() {
    var scene = AlertScene.cpu()
    scene.run(10, cpu: 0.5)
    scene.run(30, cpu: 0.8)
    #expect(scene.said == ["11 pending"])
    scene.run(1, cpu: 0.8)
    #expect(scene.said == ["11 pending", "41 fired"])
    #expect(scene.book.firing.map(\.rule) == ["test"])
  }

  @Test func aValueThatRecoversInTimeDoesNotFire() {
    var scene = AlertScene.cpu()
    scene.run(30, cpu: 0.8)
    scene.run(1, cpu: 0.75)
    scene.run(30, cpu: 0.8)
    #expect(scene.said == ["1 pending", "31 cancelled", "32 pending"])
    #expect(scene.book.firing.isEmpty && scene.book.history.isEmpty)
  }

  @Test func betweenTheTwoThresholdsNothingChanges() {
    var scene = AlertScene.cpu()
    scene.run(60, cpu: 0.7)
    #expect(scene.said == [])
    scene.run(31, cpu: 0.8)
    scene.run(600, cpu: 0.7)
    #expect(scene.said == ["61 pending", "91 fired"])
  }

  @Test func anAlertIsResolvedAfterKeepFiringFor() {
    var scene = AlertScene.cpu()
    scene.run(31, cpu: 0.8)
    scene.run(5, cpu: 0.6)
    scene.run(1, cpu: 0.66)
    scene.run(5, cpu: 0.65)
    #expect(scene.said == ["1 pending", "31 fired"])
    scene.run(1, cpu: 0.1)
    #expect(scene.said.last == "43 resolved after 12")
    #expect(scene.book.firing.isEmpty)
    #expect(scene.book.history.map(\.end) == [.cleared])
  }

  @Test func withoutAHoldTimeARuleFiresAtOnce() {
    var scene = AlertScene([.test(hold: .zero)])
    scene.run(1, cpu: 0.76)
    #expect(scene.said == ["1 pending", "1 fired"])
  }

  @Test func aRuleCanWatchValuesBelowAThreshold() {
    var scene = AlertScene([.test(side: .below, threshold: 0.2, clear: 0.3, hold: .seconds(2))])
    scene.run(3, cpu: 0.1)
    scene.run(9, cpu: 0.25)
    scene.run(6, cpu: 0.3)
    #expect(scene.said == ["1 pending", "3 fired", "18 resolved after 15"])
    #expect(scene.book.history.first?.worstValue == 0.1)
  }

  @Test func anAlertHasItsFirstAndItsWorstValue() throws {
    var scene = AlertScene.cpu()
    scene.run(30, cpu: 0.8)
    scene.run(1, cpu: 0.9)
    scene.run(1, cpu: 1)
    scene.run(1, cpu: 0.7)
    let alert = try #require(scene.book.firing.first)
    #expect(alert.firstValue == 0.9 && alert.worstValue == 1)
    #expect(alert.conditionSince == Instant.at(1001).wall && alert.since == .at(1031))
    #expect(alert.id == 1)
  }

  @Test func aMeanIsNotDisturbedByOneQuietSecond() {
    var scene = AlertScene([.test(over: .seconds(10))])
    scene.run(20, cpu: 1)
    scene.run(1, cpu: 0)
    scene.run(20, cpu: 1)
    #expect(scene.said == ["1 pending", "31 fired"])
  }

  @Test func aMeanThatRoseSlowlyFallsSlowly() {
    var scene = AlertScene([.test(over: .seconds(10), hold: .seconds(5))])
    scene.run(10, cpu: 0)
    scene.run(20, cpu: 1)
    scene.run(20, cpu: 0)
    // Eight of ten seconds are more than 75 %; six and a half are 65 %.
    #expect(scene.said == ["18 pending", "23 fired", "39 resolved after 16"])
  }

  @Test func rulesAreIndependent() {
    var other = AlertRule.test(threshold: 0.5, clear: 0.4, hold: .seconds(3))
    other.name = "other"
    var scene = AlertScene([.test(hold: .seconds(3)), other])
    scene.run(5, cpu: 0.6)
    #expect(scene.book.firing.map(\.rule) == ["other"])
    scene.run(5, cpu: 0.9)
    #expect(scene.book.firing.map(\.rule) == ["test", "other"])
    #expect(scene.book.firing.map(\.id) == [2, 1])
  }

  // MARK: - Stored state

  @Test func onlyFiringAndResolvedAlertsAreStored() {
    var scene = AlertScene.cpu()
    scene.run(10, cpu: 0.8)
    scene.run(10, cpu: 0.1)
    #expect(scene.book.revision == 0)
    scene.run(31, cpu: 0.8)
    #expect(scene.book.revision == 1)
    scene.run(10, cpu: 0.1)
    #expect(scene.book.revision == 2)
  }

  @Test func theHistoryIsBoundedAndStartsWithTheNewest() {
    var rule = AlertRule.test(hold: .zero)
    rule.keepFiring = .zero
    var scene = AlertScene([rule])
    for _ in 0..<210 {
      scene.run(1, cpu: 1)
      scene.run(1, cpu: 0)
    }
    #expect(scene.book.history.count == 200)
    #expect(scene.book.history.first?.id == 210 && scene.book.history.last?.id == 11)
  }
}
