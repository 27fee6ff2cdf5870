import TestSupport
import Testing

@testable import TopServer

@Suite struct TickScheduleTests {
  private func moment(_ seconds: Double) -> ManualClock.Instant {
    ManualClock.Instant(offset: .seconds(seconds))
  }

  @Test func sweepsThatTakeTimeDoNotMoveTheSchedule() {
    var schedule = TickSchedule(start: moment(0), interval: .seconds(1))
    var now = moment(0)
    for tick in 1...1000 {
      let due = schedule.next(after: now)
      #expect(due == moment(Double(tick)))
      now = due.advanced(by: .milliseconds(30))
    }
  }

  @Test func missedTicksAreLeftOut() {
    var schedule = TickSchedule(start: moment(0), interval: .seconds(1))
    #expect(schedule.next(after: moment(0)) == moment(1))
    #expect(schedule.next(after: moment(8.5)) == moment(9))
    #expect(schedule.next(after: moment(9.1)) == moment(10))
  }

  @Test func wakingEarlyDoesNotAddATick() {
    var schedule = TickSchedule(start: moment(0), interval: .seconds(1))
    let due = schedule.next(after: moment(0))
    #expect(schedule.next(after: moment(0.999)) == due)
  }
}
