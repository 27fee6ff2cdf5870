import Linux
import MicroHTTPD
import Synchronization
import TestSupport
import Testing

@testable import TopServer

@Suite struct FollowUpTests {
  /// The sequence numbers of the snapshots that it handled.
  private let joined = Lines<UInt64>()
  private let told = Lines<String>()

  /// Values in the order in which they came.
  private final class Lines<Value: Sendable>: Sendable {
    let all = Mutex<[Value]>([])
  }

  private func followUp() -> FollowUp {
    FollowUp(
      alerts: AlertKeeper(
        rules: [.test(hold: .zero)], interval: .seconds(1), memory: AlertMemory(),
        logger: RecordingLog.Lines().logger, at: .at(1000)),
      events: EventFeed(recorder: Recorder.test.state, broadcaster: Broadcaster()),
      first: FleetScene(sequence: 0, time: .at(1000), hosts: []),
      join: { [joined] snapshot in joined.all.withLock { $0.append(snapshot.sequence) } },
      tell: { [told] transition, _ in told.all.withLock { $0.append(transition.name) } })
  }

  private func answers(_ number: Int, cpu: Double) -> PreparedAnswers<AnswerEncoder> {
    var snapshot = Snapshot.test(at: .at(1000 + Double(number)), cpu: cpu)
    snapshot.sequence = UInt64(number)
    return PreparedAnswers(snapshot, AnswerEncoder.test)
  }

  /// Runs it until it has handled a snapshot.
  private func run(_ followUp: FollowUp, until number: UInt64) async throws {
    let run = Task { await followUp.run() }
    try await eventually { joined.all.withLock { $0.last == number } }
    run.cancel()
    await run.value
  }

  @Test func itHandlesSnapshotsInOrderAndTellsTheWebhookOfAlerts() async throws {
    let followUp = followUp()
    for number in 1...3 { followUp.add(.snapshot(answers(number, cpu: 0.9))) }
    try await run(followUp, until: 3)
    #expect(joined.all.withLock { $0 } == [1, 2, 3])
    #expect(told.all.withLock { $0 } == ["firing"])
  }

  @Test func itDropsTheOldestOfTooManyItems() async throws {
    let followUp = followUp()
    let last = FollowUp.mostWaiting + 5
    for number in 1...last { followUp.add(.snapshot(answers(number, cpu: 0.1))) }
    try await run(followUp, until: UInt64(last))
    #expect(joined.all.withLock { $0 } == (6...last).map { UInt64($0) })
  }
}
