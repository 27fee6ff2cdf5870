import Linux
import Logging
import Synchronization
import TestSupport
import Testing

@testable import TopServer

@Suite struct WebhookSenderTests {
  private let lines = RecordingLog.Lines()

  private func message(_ number: Int64) -> WebhookSender.Message {
    let alert = Alert(
      id: number, host: nil, rule: "cpu", condition: "", unit: .percentOfAllCPUs, side: .above,
      threshold: 0.75, conditionSince: 0, since: .at(1000), firstValue: 1, worstValue: 1)
    return .init(
      transition: AlertTransition(
        rule: AlertRule.defaults[0], step: .fired(alert), phase: .firing(alert)),
      time: .at(1000))
  }

  @Test func droppedMessagesAreCountedAndLoggedOnce() async throws {
    // No server listens there, and the clock does not wait.
    var webhook = Webhook(url: "http://127.0.0.1:1/")
    webhook.timeout = .seconds(1)
    let sender = WebhookSender(webhook, hostName: "hub", logger: lines.logger)
    for number: Int64 in 1...100 { sender.send(message(number)) }
    #expect(sender.state.value.dropped == 0)
    for number: Int64 in 101...130 { sender.send(message(number)) }
    #expect(sender.state.value.dropped == 30)
    let running = Task { await sender.run(clock: ContinuousClock()) }
    while lines.all.withLock({ $0.isEmpty }) { await Task.yield() }
    running.cancel()
    await running.value
    let told = lines.all.withLock { $0.filter { $0.contains("the oldest are dropped, 30 so far") } }
    #expect(told.count == 1)
  }
}
