import Linux
import Logging
import Synchronization
import TestSupport
import Testing

@testable import TopServer

@Suite struct AlertKeeperTests {
  private let log = RecordingLog.Lines()

  private func keeper(
    _ rules: [AlertRule] = [.test(hold: .seconds(2))], memory: AlertMemory = AlertMemory()
  ) -> AlertKeeper {
    AlertKeeper(
      rules: rules, interval: .seconds(1), memory: memory,
      logger: log.logger, at: .at(1000))
  }

  private func run(_ keeper: AlertKeeper, from first: Int, _ count: Int, cpu: Double) {
    for second in first..<(first + count) {
      keeper.evaluate(.test(at: .at(Double(second)), cpu: cpu))
    }
  }

  @Test func eachSnapshotIsPublishedAndEachStepLogged() {
    let keeper = keeper()
    #expect(keeper.latest.value.time == .at(1000))
    run(keeper, from: 1001, 3, cpu: 0.8)
    #expect(keeper.latest.value.time == .at(1003))
    #expect(keeper.latest.value.entries.first?.progress.value == 0.8)
    run(keeper, from: 1004, 6, cpu: 0.1)
    #expect(keeper.latest.value.history.count == 1)
    #expect(
      log.all.withLock { $0 }.map { $0.split(separator: ":").prefix(2).joined(separator: ":") } == [
        "debug: alert test is pending", "notice: alert test fires",
        "notice: alert test is resolved after 6 s",
      ])
  }

  @Test func severalChangesAreSignalledOnce() async {
    let keeper = keeper()
    run(keeper, from: 1001, 3, cpu: 0.8)
    run(keeper, from: 1004, 6, cpu: 0.1)
    var changes = keeper.changes.makeAsyncIterator()
    #expect(await changes.next() != nil)
    #expect(keeper.memory.history.count == 1)
  }

  @Test func firingAlertsAreLoggedAtTheStart() {
    let before = keeper()
    run(before, from: 1001, 3, cpu: 0.8)
    let after = keeper(memory: before.memory)
    #expect(after.latest.value.entries.first?.progress.phase != .inactive)
    #expect(
      log.all.withLock { $0 }.last?.hasPrefix("notice: alert test has been firing for 0 s: CPU")
        == true)
  }

  @Test func anAlertWithoutItsRuleIsLoggedAndStoredAtOnce() async {
    let before = keeper()
    run(before, from: 1001, 3, cpu: 0.8)
    let after = keeper([], memory: before.memory)
    #expect(
      log.all.withLock { $0 }.last
        == "notice: alert test is resolved after 0 s: its rule was removed")
    var changes = after.changes.makeAsyncIterator()
    #expect(await changes.next() != nil)
    #expect(after.memory.history.map(\.end) == [.ruleRemoved])
  }

  // MARK: - The file

  private func store(_ folder: TemporaryFolder) -> AlertStore {
    AlertStore(folder: folder.path, logger: log.logger)
  }

  /// Runs the store until nothing more can change.
  private func finish(_ store: AlertStore, _ memory: AlertMemory) async {
    let (changes, end) = AsyncStream<Void>.makeStream()
    end.yield()
    end.finish()
    await store.run(after: changes, clock: ManualClock()) { memory }
  }

  @Test func storedAlertsAreRestoredInTheNextRun() async throws {
    let folder = try TemporaryFolder()
    let keeper = keeper()
    run(keeper, from: 1001, 3, cpu: 0.8)
    let store = store(folder)
    #expect(await store.load(at: .at(1000)) == AlertMemory())
    await finish(store, keeper.memory)
    #expect(await self.store(folder).load(at: .at(1003)) == keeper.memory)
  }

  @Test func anInvalidFileIsRenamedAndReported() async throws {
    let folder = try TemporaryFolder()
    try folder.write("{\"version\":1,", to: "alerts.json")
    let store = store(folder)
    #expect(await store.load(at: .at(1000)) == AlertMemory())
    #expect(
      log.all.withLock { $0 }.last?.hasPrefix(
        "notice: previous alerts are lost: \(folder.path)/alerts.json: 1:") == true)
    await finish(store, AlertMemory(nextID: 5))
    #expect(await self.store(folder).load(at: .at(1000)) == AlertMemory(nextID: 5))
    let names = try Files.names(in: folder.path)
    #expect(names.count == 2)
    let kept = try #require(names.first { $0.hasPrefix("alerts.json.unusable-") })
    #expect(try Files.read("\(folder.path)/\(kept)").bytes == Array("{\"version\":1,".utf8))
  }

  @Test(.timeLimit(.minutes(10)))
  func aFailedWriteIsRetriedWithoutAChange() async throws {
    let folder = try TemporaryFolder()
    try folder.write("a file", to: "none")
    let store = AlertStore(folder: "\(folder.path)/none", logger: log.logger)
    let clock = ManualClock()
    let (changes, end) = AsyncStream<Void>.makeStream()
    end.yield()
    let running = Task { await store.run(after: changes, clock: clock) { AlertMemory(nextID: 2) } }
    await clock.sleepCalled(times: 1)
    clock.advance(by: .seconds(1))
    await clock.sleepCalled(times: 2)
    try folder.remove("none")
    clock.advance(by: .seconds(2))
    while (try? Files.read("\(folder.path)/none/alerts.json")) == nil { await Task.yield() }
    end.finish()
    await running.value
    #expect(
      log.all.withLock { $0 } == [
        "error: cannot store alerts: \(folder.path)/none: Not a directory; "
          + "trying again until it succeeds",
        "notice: alerts are stored again",
      ])
  }

  @Test func withoutAlertsThereIsNoFile() async throws {
    let folder = try TemporaryFolder()
    await finish(store(folder), AlertMemory())
    #expect(throws: SystemCallError.self) { try Files.read("\(folder.path)/alerts.json") }
  }
}
