import Linux
import Logging
import SQLite
import TestSupport
import Testing

@testable import TopServer

@Suite struct RecorderTests {
  private let folder: TemporaryFolder
  private let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  init() throws { folder = try TemporaryFolder() }

  private func recorder(isOn: Bool = true, folder path: String? = "data") -> Recorder {
    Recorder(
      writer: path.map {
        HistoryWriter(folder: "\(folder.path)/\($0)", limit: 64 << 20, logger: silent)
      },
      isOn: isOn, limit: 64 << 20, bootID: "boot", interval: .seconds(1),
      flushInterval: .seconds(5), logger: silent)
  }

  /// Passes some seconds of snapshots to the recorder and ends it.
  private func run(
    _ recorder: Recorder, seconds: Range<Int>, at second: (Int) async -> Void = { _ in }
  )
    async
  {
    let (stream, continuation) = AsyncStream.makeStream(of: Snapshot.self)
    let running = Task { await recorder.run(stream) }
    var window = Window.test()
    for index in seconds {
      await second(index)
      continuation.yield(
        window.add(
          .at(Double(index), [Process(pid: 1), Process(pid: 2, user: UInt64(index) * 10)])))
    }
    continuation.finish()
    await running.value
  }

  @Test func theEndWritesTheRest() async throws {
    let recorder = recorder()
    await run(recorder, seconds: 0..<70)
    let state = recorder.state.value
    #expect(state.isRecording)
    #expect(state.flushedThrough == 1_700_000_069_000)
    #expect(state.oldest == 1_700_000_000_000)
    #expect(state.heldPoints == 0)
    let reader = HistoryReader(recorder)
    #expect(try await reader.range() == 1_700_000_000_000...1_700_000_069_000)
    let table = try await reader.table(
      at: 1_700_000_065_000, window: .seconds(60), limit: 9, columns: 1
    ) {
      $0
    }
    #expect(table?.snapshot.row(2)?.average?.user.rounded(places: 4) == 0.1)
  }

  @Test func withoutAFolderTheHistoryStaysInMemory() async throws {
    let recorder = recorder(folder: nil)
    let (stream, continuation) = AsyncStream.makeStream(of: Snapshot.self)
    let running = Task { await recorder.run(stream) }
    var window = Window.test()
    for index in 0..<30 { continuation.yield(window.add(.at(Double(index), [Process(pid: 1)]))) }
    while recorder.recent.value.blocks.first?.points.count != 30 { await Task.yield() }
    #expect(recorder.state.value.fault?.contains("--data") == true)
    #expect(!recorder.state.value.isRecording)
    let reader = HistoryReader(recorder)
    #expect(
      try await reader.table(at: 1_700_000_020_000, window: .seconds(60), limit: 9, columns: 1) {
        $0
      } != nil)
    continuation.finish()
    await running.value
  }

  @Test func theRecorderIsSwitchedOffAndOn() async throws {
    let recorder = recorder(isOn: false)
    #expect(!recorder.state.value.isRecording)
    await run(recorder, seconds: 0..<5)
    #expect(try await HistoryReader(recorder).range() == nil)
    #expect(recorder.setOn(true).isOn)
    let since = recorder.state.value.since
    #expect(recorder.setOn(true).since == since)
  }

  /// Passes minutes to a recorder in each of which a daemon starts short processes.
  private func runMinutes(
    _ count: Int, _ recorder: Recorder, then check: () async throws -> Void
  ) async throws {
    let (stream, continuation) = AsyncStream.makeStream(of: Snapshot.self)
    let running = Task { await recorder.run(stream) }
    var window = Window.test()
    let daemon = Process(pid: 1, name: "daemon")
    for index in 0..<(2 * count) {
      let short = (0..<50).map {
        Process(pid: Int32(100 + $0), start: UInt64(index) * 3000, name: "short")
      }
      continuation.yield(window.add(.at(Double(1000 + index * 30), [daemon] + short)))
    }
    let last = 1_700_000_000_000 + Int64(1000 + (2 * count - 1) * 30) * 1000
    while recorder.recent.value.blocks.last?.last != last { await Task.yield() }
    try await check()
    continuation.finish()
    await running.value
  }

  @Test(.timeLimit(.minutes(10)))
  func withoutAFolderTheOldestProcessesKeepTheirNames() async throws {
    let recorder = recorder(folder: nil)
    try await runMinutes(90, recorder) {
      let recent = recorder.recent.value
      #expect(recent.blocks.count == 61)
      // An hour of short processes, and no more.
      #expect((6000...6200).contains(recent.appeared.count))
      let oldest = try #require(recent.blocks.first?.first)
      for time in [oldest, try #require(recent.blocks.last?.last)] {
        let table = try await HistoryReader(recorder).table(
          at: time, window: .seconds(60), limit: 9, columns: 1
        ) {
          $0
        }
        #expect(table?.snapshot.row(1)?.name == "daemon")
        #expect(table?.snapshot.processes.count == 51)
      }
      #expect(recorder.state.value.lostPoints > 0)
    }
  }

  @Test(.timeLimit(.minutes(10)))
  func heldDataIsBoundedWhileTheFileCannotBeWritten() async throws {
    try folder.write("a file", to: "data")
    let recorder = recorder(folder: "data/below")
    try await runMinutes(90, recorder) {
      #expect((6000...6200).contains(recorder.recent.value.appeared.count))
      #expect(recorder.state.value.fault?.contains("data") == true)
      try folder.remove("data")
    }
    // At the end all held blocks are in the file, with their names.
    #expect(recorder.state.value.fault == nil)
    let database = try Database(path: try #require(recorder.state.value.path), mode: .readOnly)
    #expect(try database.integer("SELECT count(*) FROM block") ?? 0 > 50)
    #expect((6000...6200).contains(try database.integer("SELECT count(*) FROM process") ?? 0))
    #expect(try database.integer("SELECT count(*) FROM process WHERE ended IS NULL") == 0)
  }
}
