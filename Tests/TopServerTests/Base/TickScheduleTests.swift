import TestSupport
import Testing

@testable import TopServer

@Suite struct TickScheduleTests {
  private func moment(_ seconds: Double) -> ManualClock.Instant {
    ManualClock.Instant(offset: .seconds(seconds))
  }

  @Test func sweepsThatTakeTimeDoNotMoveTheSchedule() {
    let schedule = TickSchedule(start: moment(0), interval: .seconds(1))
    var now = moment(0)
    for tick in 1...1000 {
      let due = schedule.next(after: now)
      #expect(due == moment(Double(tick)))
      now = due.advanced(by: .milliseconds(30))
    }
  }

  @Test func missedTicksAreSkipped() {
    let schedule = TickSchedule(start: moment(0), interval: .seconds(1))
    #expect(schedule.next(after: moment(0)) == moment(1))
    #expect(schedule.next(after: moment(8.5)) == moment(9))
    #expect(schedule.next(after: moment(9.1)) == moment(10))
  }

  @Test func wakingEarlyDoesNotAddATick() {
    let schedule = TickSchedule(start: moment(0), interval: .seconds(1))
    let due = schedule.next(after: moment(0))
    #expect(schedule.next(after: moment(0.999)) == due)
  }

  @Test func theLagCountsFromTheFirstMissedMoment() {
    var schedule = TickSchedule(start: moment(0), interval: .seconds(1))
    #expect(schedule.delay(at: moment(1)) == .init())
    schedule.serve(at: moment(1))
    // The sweep of second 1 took until 4.5, so those of seconds 2, 3 and 4 were missed.
    #expect(schedule.next(after: moment(4.5)) == moment(5))
    #expect(schedule.delay(at: moment(5)) == .init(lag: .seconds(3), skipped: 3))
    schedule.serve(at: moment(5))
    #expect(schedule.delay(at: moment(6)) == .init())
  }

  @Test func aLateSweepServesTheMissedMoments() {
    var schedule = TickSchedule(start: moment(0), interval: .seconds(1))
    #expect(schedule.delay(at: moment(3.25)) == .init(lag: .seconds(2.25), skipped: 2))
    schedule.serve(at: moment(3.25))
    #expect(schedule.next(after: moment(3.3)) == moment(4))
    #expect(schedule.delay(at: moment(4)) == .init())
  }

  @Test func aSweepThatFailedServesNothing() {
    var schedule = TickSchedule(start: moment(0), interval: .seconds(1))
    schedule.serve(at: moment(1))
    // The sweep of second 2 failed.
    #expect(schedule.next(after: moment(2.1)) == moment(3))
    #expect(schedule.delay(at: moment(3)) == .init(lag: .seconds(1), skipped: 1))
  }

  @Test func anEarlySweepServesTheNextMoment() {
    var schedule = TickSchedule(start: moment(0), interval: .seconds(1))
    schedule.serve(at: moment(0.999))
    #expect(schedule.next(after: moment(0.999)) == moment(2))
  }

  /// A tenth of a second has no exact quotient in binary.
  @Test func everyMomentIsServedExactlyOnce() {
    var schedule = TickSchedule(start: moment(0), interval: .milliseconds(100))
    var now = ManualClock.Instant(offset: .zero)
    for tick in 1...10_000 {
      now = schedule.next(after: now)
      #expect(now.offset == .milliseconds(100) * tick)
      #expect(schedule.delay(at: now) == .init())
      schedule.serve(at: now)
    }
  }
}
