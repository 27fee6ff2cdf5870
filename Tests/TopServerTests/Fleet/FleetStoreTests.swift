import Linux
import Synchronization
import TestSupport
import Testing

@testable import TopServer

@Suite struct FleetStoreTests {
  private let hosts = [
    KnownHost(name: "web-1", kind: .agent, address: "10.0.0.7", agent: "0.5.0", lastSeen: 17),
    KnownHost(name: "b", kind: .text, address: nil, agent: nil, lastSeen: 0),
    KnownHost(
      name: "c", kind: .agent, address: "::1", agent: "0.5.0", lastSeen: 17, firstSeen: 3,
      run: "0123456789ab-zz", ownedSince: 5, missed: 1_000_000_000),
  ]

  @Test func theStateRoundTrips() throws {
    #expect(try KnownHost.list(parsing: KnownHost.text(of: hosts)) == hosts)
  }

  @Test(arguments: ["", "{}", "[]", #"{"version":2,"hosts":[]}"#, #"{"version":1}"#])
  func otherTextIsRejected(text: String) {
    #expect(throws: Failure.self) { try KnownHost.list(parsing: Array(text.utf8)) }
  }

  @Test func aLargeFleetIsWrittenRarely() {
    #expect(FleetStore.extraPause(for: 100) == .seconds(1))
    #expect(FleetStore.extraPause(for: 20_000) == .seconds(50))
  }

  @Test func anInvalidHostIsLeftOut() throws {
    let text = #"""
      {"version":1,"hosts":[7,{},{"name":"a b","kind":"agent","last_seen":1},
      {"name":"a","kind":"local","last_seen":1},{"name":"a","kind":"agent","last_seen":-1},
      {"name":"good","kind":"agent","last_seen":1}]}
      """#
    #expect(try KnownHost.list(parsing: Array(text.utf8)).map(\.name) == ["good"])
  }

  @Test(.timeLimit(.minutes(10)))
  func aFailedWriteIsRetriedWithoutAChange() async throws {
    let folder = try TemporaryFolder()
    let log = RecordingLog.Lines()
    try folder.write("a file", to: "none")
    let store = FleetStore(folder: "\(folder.path)/none", logger: log.logger)
    #expect(await store.load().isEmpty)
    let clock = ManualClock()
    let (changes, end) = AsyncStream<Void>.makeStream()
    end.yield()
    let hosts = hosts
    let running = Task {
      await store.run(after: changes, pause: .seconds(10), clock: clock) { hosts }
    }
    await clock.sleepCalled(times: 1)
    try folder.remove("none")
    clock.advance(by: .seconds(1))
    // The write succeeded, and the pause before the next one begins.
    await clock.sleepCalled(times: 2)
    let written = try Files.read("\(folder.path)/none/fleet.json").bytes
    #expect(try KnownHost.list(parsing: written) == hosts)
    end.finish()
    clock.advance(by: .seconds(10))
    await running.value
    #expect(
      log.all.withLock { $0 }.suffix(2) == [
        "error: cannot store hosts of the fleet: \(folder.path)/none: Not a directory; "
          + "trying again until it succeeds",
        "notice: hosts of the fleet are stored again",
      ])
  }

  @Test(arguments: [#"{"version":2,"hosts":[]}"#, "no JSON", ""])
  func anUnusableFileIsRenamed(text: String) async throws {
    let folder = try TemporaryFolder()
    try folder.write(text, to: "fleet.json")
    let store = FleetStore(folder: folder.path, logger: RecordingLog.Lines().logger)
    #expect(await store.load().isEmpty)
    let names = try Files.names(in: folder.path)
    #expect(names.count == 1)
    let kept = try #require(names.first { $0.hasPrefix("fleet.json.unusable-") })
    #expect(try Files.read("\(folder.path)/\(kept)").bytes == Array(text.utf8))
  }
}
