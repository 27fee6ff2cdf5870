import Testing

@testable import TopServer

@Suite struct OpenLoopScheduleTests {
  @Test func clientsAlternateAtEqualIntervals() {
    let clients = (0..<4).map { OpenLoopSchedule(rate: 1000, client: $0, of: 4) }
    let due = (0..<3).flatMap { number in clients.map { $0.due(number) } }
    #expect(due == (0..<12).map { Int64($0) * 1_000_000 })
  }

  @Test func aRateThatDoesNotDivideEvenlyDoesNotDrift() {
    let schedule = OpenLoopSchedule(rate: 3, client: 0, of: 1)
    #expect((0..<4).map(schedule.due) == [0, 333_333_333, 666_666_667, 1_000_000_000])
    #expect(schedule.due(3_000_000) == 1_000_000_000_000_000)
  }

  @Test(arguments: [1, 2, 5, 7])
  func allClientsTogetherKeepTheRate(_ clients: Int) {
    let schedules = (0..<clients).map { OpenLoopSchedule(rate: 70, client: $0, of: clients) }
    #expect(schedules.reduce(0) { $0 + $1.count(before: 10_000_000_000) } == 700)
    #expect(schedules.reduce(0) { $0 + $1.count(before: 0) } == 0)
    #expect(schedules.reduce(0) { $0 + $1.count(before: 1) } == 1)
  }
}
