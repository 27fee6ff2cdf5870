import Linux
import TestSupport
import Testing
import WebSocket

@testable import TopServer

@Suite struct FleetServiceTests {
  private let lines = RecordingLog.Lines()

  private func service(_ settings: Settings) async throws -> FleetService {
    let run = RunIdentity(hostName: "hub", bootID: "aaaabbbb-cccc-dddd")
    return try await FleetService(
      settings, run, .test, names: AnswerEncoder.test.userNames, recorder: Recorder.test.fleet,
      alerts: AlertKeeper(
        rules: [], interval: .seconds(1), logger: lines.logger, at: .at(1000)), pool: .test,
      mostAgents: 10, logger: lines.logger)
  }

  @Test func thisMachineIsInTheFirstScene() async throws {
    let service = try await service(.test())
    #expect(service.firstScene.hosts.map(\.name) == ["hub"])
    #expect(service.desk.source.scene.sequence == 0)
    #expect(service.store == nil)
    await service.drain()
  }

  @Test func theDataFolderIsUsed() async throws {
    let folder = try TemporaryFolder()
    let service = try await service(.test("--data", folder.path))
    #expect(service.store != nil)
    await service.drain()
  }

  @Test func eachCheckIsPublishedBeforeItIsPassedOn() async throws {
    let service = try await service(.test())
    let clock = ManualClock()
    let (looks, look) = AsyncStream.makeStream(of: (UInt64, UInt64, Int).self)
    let run = Task {
      await service.run(clock: clock) {
        let shown = service.desk.source.scene.sequence
        look.yield((UInt64($0.scene.sequence), UInt64(shown), service.status.value.hosts))
      }
    }
    await clock.sleepCalled(times: 1)
    clock.advance(by: .seconds(1))
    var iterator = looks.makeAsyncIterator()
    let first = try #require(await iterator.next())
    #expect(first == (1, 1, 1))
    await clock.sleepCalled(times: 2)
    run.cancel()
    await run.value
    await service.drain()
  }

  @Test func theSettingsBoundTheConnectionsOfAgents() throws {
    let limits = WebSocketLimits(
      try .test("--connections-per-address", "7"), mostAgents: 11)
    #expect(limits.connections == 11)
    #expect(limits.connectionsPerAddress == 7)
  }
}
