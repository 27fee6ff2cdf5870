import Linux
import TestSupport
import Testing

@testable import TopServer

@Suite struct AlertServiceTests {
  private let lines = RecordingLog.Lines()

  private func service(
    _ settings: Settings, _ configuration: AlertConfiguration = AlertConfiguration()
  ) async -> AlertService {
    await AlertService(settings, configuration, hostName: "hub", logger: lines.logger)
  }

  @Test func withoutAFolderNothingIsRemembered() async throws {
    let service = await service(try .test())
    #expect(service.store == nil)
    #expect(service.webhook == nil)
    #expect(service.keeper.latest.value.entries.count == AlertRule.defaults.count)
  }

  @Test func theDataFolderIsUsed() async throws {
    let folder = try TemporaryFolder()
    #expect(await service(try .test("--data", folder.path)).store != nil)
  }

  @Test func changesGoToTheWebhookIfThereIsOne() async throws {
    let transition = AlertTransition(
      rule: AlertRule.defaults[0], step: .pending, phase: .inactive)
    await service(try .test()).tell(transition, .at(1000))

    var configuration = AlertConfiguration()
    configuration.webhook = Webhook(url: "http://127.0.0.1:1/")
    let service = await service(try .test(), configuration)
    let webhook = try #require(service.webhook)
    for _ in 0..<WebhookSender.capacity { service.tell(transition, .at(1000)) }
    #expect(webhook.state.value.dropped == 0)
    service.tell(transition, .at(1000))
    #expect(webhook.state.value.dropped == 1)
  }

  @Test func itEndsWhenItIsCancelled() async throws {
    let folder = try TemporaryFolder()
    var configuration = AlertConfiguration()
    configuration.webhook = Webhook(url: "http://127.0.0.1:1/")
    let service = await service(try .test("--data", folder.path), configuration)
    let run = Task { await service.run(clock: ManualClock()) }
    run.cancel()
    await run.value
  }
}
