import Linux
import Logging
import TestSupport
import Testing

@testable import TopServer

/// Follows samples from a hub to the file and back.
@Suite struct FleetHistoryTests {
  private let folder: TemporaryFolder
  private let recorder: Recorder

  init() throws {
    folder = try TemporaryFolder()
    let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    recorder = Recorder(
      writer: HistoryWriter(folder: folder.path, limit: 64 << 20, logger: silent), isOn: true,
      limit: 64 << 20, bootID: "boot", interval: .seconds(1), flushInterval: .seconds(5),
      logger: silent)
  }

  private func sample(_ number: UInt64, now: Int64) -> HostSample {
    var sample = HostSample(host: "web-1", run: "r1", sequence: number, time: 0)
    sample.time = now - Int64(300 - number) * 1_000_000_000
    sample.interval = 1
    (sample.numbers[.user], sample.numbers[.system]) = (0.25, 0.125)
    (sample.numbers[.memoryTotal], sample.numbers[.memoryAvailable]) = (1000, 600)
    sample.numbers[.coverage] = 0.995
    sample.numbers.settle()
    sample.busy = Double(number % 50) / 100
    return sample
  }

  /// Passes one snapshot to the recorder and ends it, which writes everything.
  private func end() async {
    let (snapshots, give) = AsyncStream.makeStream(of: Snapshot.self)
    var window = Window.test()
    give.yield(window.add(.at(0, [])))
    give.finish()
    await recorder.run(snapshots)
  }

  @Test func samplesAreReadFromMemoryAndThenFromTheFile() async throws {
    let now = Instant.now().wall / 1_000_000 * 1_000_000
    for number in 1...120 as ClosedRange<UInt64> {
      recorder.fleet.record(sample(number, now: now), isProvisional: false, isOpening: number == 1)
    }
    #expect(recorder.fleet.standing(host: "web-1", run: "r1") == FleetStanding(stored: 0))

    let reader = HistoryReader(recorder, hostName: "hub")
    var query = try HistoryQuery(
      [("series", "*"), ("step", "1"), ("from", "-10m"), ("host", "web-1")], now: now / 1_000_000)
    let recent = try await reader.columns(query)
    #expect(recent.times == (1...120).map { sample($0, now: now).time / 1_000_000 })
    let values = Dictionary(uniqueKeysWithValues: recent.columns.map { ($0.name, $0.values) })
    #expect(values["cpu.busy_percent"] == (1...120).map { Double($0 % 50) })
    #expect(values["cpu.user_percent"]?.first == 25)
    #expect(values["memory.used_percent"]?.last == 40)
    #expect(values["ledger.coverage_percent"]?.last == 99.5)
    #expect(values["load.load_1"]?.last == .some(nil))

    await end()
    #expect(recorder.fleet.standing(host: "web-1", run: "r1") == FleetStanding(stored: 120))
    #expect(recorder.fleet.lostSamples == 0)
    #expect(try await reader.columns(query) == recent)
    let archive = try HistoryArchive(path: HistoryWriter.path(in: folder.path))
    #expect(try archive.hosts() == ["web-1"])

    _ = recorder.setOn(false)
    #expect(!recorder.fleet.standing(host: "web-1", run: "r1").isRecording)

    query.host = "unknown"
    await #expect(throws: HistoryError.unknownHost) { try await reader.columns(query) }
    // The name of this machine selects this host.
    query.host = "hub"
    query.series = HistoryQuery.usual
    #expect(try await reader.columns(query).columns.allSatisfy { $0.name != "cpu.steal_percent" })
  }
}
