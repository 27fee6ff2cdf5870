import Linux
import Testing

@testable import TopServer

/// An unknown value neither fires nor resolves an alert.
@Suite struct AlertGapTests {
  private let unreadable = "/proc/stat could not be read"

  @Test func aFewMissingValuesChangeNothing() {
    var scene = AlertScene.cpu()
    scene.run(20, cpu: 0.8)
    scene.run(4, cpu: nil)
    scene.run(7, cpu: 0.8)
    #expect(scene.said == ["1 pending", "31 fired"])
  }

  @Test func aGapIsReportedAndRestartsTheHoldTime() {
    var scene = AlertScene.cpu()
    scene.run(20, cpu: 0.8)
    scene.run(100, cpu: nil)
    #expect(scene.said == ["1 pending", "26 lost: \(unreadable)"])
    #expect(scene.book.progress[0].value == nil)
    scene.run(30, cpu: 0.8)
    #expect(scene.said.last == "121 found after 101")
    scene.run(1, cpu: 0.8)
    #expect(scene.said.last == "151 fired")
  }

  @Test func aFiringAlertIsNotResolvedByMissingValues() {
    var scene = AlertScene.cpu()
    scene.run(31, cpu: 0.8)
    scene.run(3, cpu: 0.1)
    scene.run(100, cpu: nil)
    #expect(scene.book.firing.count == 1)
    scene.run(5, cpu: 0.1)
    #expect(scene.book.firing.count == 1)
    scene.run(1, cpu: 0.1)
    #expect(
      scene.said == [
        "1 pending", "31 fired", "40 lost: \(unreadable)", "135 found after 101",
        "140 resolved after 109",
      ])
  }

  @Test func aValueThatNeverExistedIsReportedOnce() {
    var scene = AlertScene.cpu()
    scene.run(100, cpu: nil)
    #expect(scene.said == ["7 lost: \(unreadable)"])
    scene.run(1, cpu: 0.1)
    #expect(scene.said.last == "101 found after 100")
  }

  @Test func aPauseOfTheSamplerRestartsTheHoldTime() {
    var scene = AlertScene.cpu()
    scene.run(20, cpu: 0.8)
    scene.pause(300)
    scene.run(30, cpu: 0.8)
    #expect(scene.said == ["1 pending", "321 found after 301"])
    scene.run(1, cpu: 0.8)
    #expect(scene.said.last == "351 fired")
  }

  @Test func aPauseDoesNotCountTowardsKeepFiringFor() {
    var scene = AlertScene.cpu()
    scene.run(31, cpu: 0.8)
    scene.run(1, cpu: 0.1)
    scene.pause(300)
    scene.run(5, cpu: 0.1)
    #expect(scene.book.firing.count == 1)
    scene.run(1, cpu: 0.1)
    #expect(scene.book.firing.isEmpty)
  }

  @Test func aPauseOfAnInactiveRuleIsNotReported() {
    var scene = AlertScene.cpu()
    scene.run(10, cpu: 0.1)
    scene.pause(300)
    scene.run(10, cpu: 0.1)
    #expect(scene.said == [])
  }

  @Test func aPauseResetsTheMean() {
    var scene = AlertScene([.test(over: .seconds(10), hold: .zero)])
    scene.run(10, cpu: 0)
    scene.pause(300)
    scene.run(1, cpu: 1)
    #expect(scene.said == ["311 pending", "311 fired"])
  }

  @Test func aSuspensionIsAPause() {
    var scene = AlertScene.cpu()
    scene.run(20, cpu: 0.8)
    var time = Instant.at(1025)
    time.sinceBoot += 3_600_000_000_000
    scene.evaluate(.test(at: time, cpu: 0.8, interval: 5))
    #expect(scene.said == ["1 pending", "20 found after 3605"])
  }

  @Test func settingTheClockChangesNoDuration() {
    for step in [-86_400.0, 86_400] {
      var scene = AlertScene.cpu()
      scene.run(20, cpu: 0.8)
      scene.wallAhead = step
      scene.run(11, cpu: 0.8)
      scene.wallAhead = -step
      scene.run(6, cpu: 0.1)
      #expect(scene.said == ["1 pending", "31 fired", "37 resolved after 6"])
    }
  }
}
