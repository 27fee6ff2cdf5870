import Linux
import Synchronization
import TestSupport
import Testing

@testable import TopServer

@Suite struct RecordingServiceTests {
  private let lines = RecordingLog.Lines()

  private func service(_ settings: Settings) -> RecordingService {
    RecordingService(settings, bootID: "boot", logger: lines.logger)
  }

  @Test func withoutAFolderNothingIsWritten() throws {
    let state = service(try .test()).recorder.state.value
    #expect(state.path == nil)
    #expect(state.fault == "there is no folder for it; choose one with --data")
    #expect(state.isOn)
  }

  @Test func theSettingsChooseTheFileAndItsLimit() throws {
    let folder = try TemporaryFolder()
    let state = service(try .test("--data", folder.path, "--history-limit", "8MiB", "--no-record"))
      .recorder.state.value
    #expect(state.path == "\(folder.path)/history.db")
    #expect(state.limit == 8 << 20)
    #expect(state.fault == nil)
    #expect(!state.isOn)
  }

  @Test func recordedSamplesAreInTheFileAfterTheEnd() async throws {
    let folder = try TemporaryFolder()
    let service = service(try .test("--data", folder.path))
    let run = Task { await service.run() }
    let snapshot = Snapshot.test
    service.record(snapshot)
    await service.finish(run, within: .seconds(600))
    #expect(service.recorder.state.value.flushedThrough == snapshot.time.wall / 1_000_000)
    #expect(lines.all.withLock { $0 }.allSatisfy { !$0.hasPrefix("warning") })
  }

  @Test func aDiskThatDoesNotAnswerIsLogged() async throws {
    let service = service(try .test())
    let (disk, answer) = AsyncStream.makeStream(of: Void.self)
    let run = Task { for await _ in disk {} }
    await service.finish(run, within: .zero)
    answer.finish()
    #expect(
      lines.all.withLock { $0 } == [
        "warning: the disk does not answer; the newest samples are not in the history"
      ])
  }
}
