import Linux
import Logging
import ProcFS
import TestSupport
import Testing

@testable import TopServer

@Suite struct SamplingServiceTests {
  private let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  private func service(_ procfs: ProcFS) -> SamplingService {
    SamplingService(procfs, interval: .seconds(1), window: .seconds(60), logger: silent)
  }

  @Test func aFolderThatIsNotAProcTreeIsRefused() throws {
    let folder = try TemporaryFolder()
    let failure = try #require(throws: Failure.self) { try SamplingService.open(folder.path) }
    #expect(failure.description.hasPrefix("cannot open the /proc to watch: "))
    #expect(failure.description.hasSuffix("; choose it with --proc"))
  }

  @Test func itSamplesOnceAnIntervalUntilItIsCancelled() async throws {
    let service = service(try SamplingService.open("/proc"))
    let first = try await service.firstSnapshot()
    #expect(!first.processes.isEmpty)
    let clock = ManualClock()
    let (snapshots, snapshot) = AsyncStream.makeStream(of: Snapshot.self)
    let run = Task { await service.run(clock: clock) { snapshot.yield($0) } }
    // The sampler, and the look at the files of users.
    await clock.sleepCalled(times: 2)
    clock.advance(by: .seconds(1))
    var iterator = snapshots.makeAsyncIterator()
    let next = try #require(await iterator.next())
    #expect(next.sequence == first.sequence + 1)
    await clock.sleepCalled(times: 3)
    run.cancel()
    await run.value
  }
}
