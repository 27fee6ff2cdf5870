import Linux
import Synchronization
import TestSupport
import Testing

@testable import TopServer

@Suite struct SendingServiceTests {
  private let lines = RecordingLog.Lines()
  private let run = RunIdentity(hostName: "web-1", bootID: "aaaabbbb-cccc-dddd")

  @Test func itTriesAgainUntilItLeaves() async {
    let clock = ManualClock()
    let sending = SendingService(
      run, names: AnswerEncoder.test.userNames, logger: lines.logger
    ) { () throws(HubTrouble) in throw .passing("connection refused") }
    let task = Task { await sending.run(clock: clock) }
    sending.send(.test)
    await clock.sleepCalled(times: 1)
    clock.advance(by: .seconds(600))
    await clock.sleepCalled(times: 2)
    await sending.leave(task, within: .seconds(600))
    #expect(task.isCancelled)
    let log = lines.all.withLock { $0 }
    #expect(log.first == "warning: no connection to the hub: connection refused; trying again")
    #expect(log.last?.contains("1 samples that no hub received were dropped") == true)
  }

  @Test func aConnectionThatDoesNotEndDoesNotDelayTheEnd() async {
    let (ends, end) = AsyncStream.makeStream(of: Void.self)
    let sending = SendingService(
      run, names: AnswerEncoder.test.userNames, logger: lines.logger
    ) { () throws(HubTrouble) in throw .passing("connection refused") }
    let task = Task { for await _ in ends {} }
    await sending.leave(task, within: .zero)
    end.finish()
  }
}
