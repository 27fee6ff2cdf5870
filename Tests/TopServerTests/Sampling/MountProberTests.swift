import Dispatch
import Linux
import ProcFS
import Synchronization
import TestSupport
import Testing

@testable import TopServer

/// Three file systems, one of which answers only when the test lets it, and the threads that query them.
private final class Machine: Sendable {
  private struct State {
    var time: Int64 = 0
    var asked: [String] = []
  }

  let isInside = DispatchSemaphore(value: 0)
  let mayAnswer = DispatchSemaphore(value: 0)
  let threadEnded = DispatchSemaphore(value: 0)
  private let state = Mutex(State())

  var asked: [String] { state.withLock { $0.asked } }

  func pass(seconds: Double) { state.withLock { $0.time += Int64(seconds * 1e9) } }

  var prober: MountProber {
    MountProber(
      list: { [.test("8:1", "/"), .test("0:40", "/far"), .test("8:2", "/home")] }, ask: ask,
      now: { self.state.withLock { $0.time } },
      start: { body in
        try DetachedThread.start(named: "test") {
          body()
          self.threadEnded.signal()
        }
      })
  }

  @Sendable private func ask(_ system: RealFileSystem) -> ProbeRounds.Answer? {
    state.withLock { $0.asked.append(system.source) }
    if system.source == "0:40" {
      isInside.signal()
      mayAnswer.wait()
    }
    return .init(mountPoint: system.source, space: .init(total: 10, used: 5, available: 5))
  }
}

@Suite struct MountProberTests {
  /// Waits far longer than needed; a mistake ends the test instead of blocking it.
  private func wait(_ semaphore: DispatchSemaphore) throws {
    try #require(semaphore.wait(timeout: .now() + 60) == .success)
  }

  @Test func aHangingMountDoesNotBlockOthers() throws {
    let machine = Machine()
    let prober = machine.prober

    _ = prober.latest()
    try wait(machine.isInside)
    machine.pass(seconds: 1.9)
    #expect(prober.latest().map(\.mountPoint) == ["8:1"])
    #expect(machine.asked == ["8:1", "0:40"])

    // Two seconds are too long: another thread continues with the rest.
    machine.pass(seconds: 0.1)
    #expect(prober.latest().contains { $0.mountPoint == "/far" && $0.isStalled })
    try wait(machine.threadEnded)
    #expect(prober.latest().map(\.isStalled) == [false, true, false])
    #expect(prober.latest().map(\.space?.used) == [5, nil, 5])

    // The next round skips the file system, since its thread is still blocked.
    machine.pass(seconds: 10)
    _ = prober.latest()
    try wait(machine.threadEnded)
    #expect(machine.asked == ["8:1", "0:40", "8:2", "8:1", "8:2"])
    #expect(prober.latest().map(\.isStalled) == [false, true, false])

    // The file system answers at last, and its thread ends.
    machine.mayAnswer.signal()
    try wait(machine.threadEnded)
    #expect(prober.latest().map(\.isStalled) == [false, false, false])
    #expect(prober.latest().map(\.space?.used) == [5, 5, 5])
    #expect(machine.asked.count == 5)
  }

  @Test func withoutThreadsNothingIsKnown() {
    let prober = MountProber(
      list: { [.test("8:1", "/")] }, ask: { _ in nil }, now: { 0 },
      start: { _ in throw SystemCallError(call: "pthread_create", code: 11) })
    #expect(prober.latest() == [])
    #expect(prober.latest() == [])
  }

  @Test func theFirstMountPointThatIsAFolderIsQueried() throws {
    let folder = try TemporaryFolder()
    try folder.write("", to: "file")
    try folder.write("", to: "folder/inside")
    let (file, inside) = ("\(folder.path)/file", "\(folder.path)/folder")
    let space = try #require(FileSystemSpace(ofFolder: Array(inside.utf8)))
    let answer = MountProber.space(.test("8:1", file, "\(folder.path)/gone", inside))
    #expect(answer?.mountPoint == inside)
    #expect(answer?.space.total == space.total)
    #expect(MountProber.space(.test("8:1", file)) == nil)
  }

  @Test func onlyAFullImageIsLeftOut() throws {
    // The test folder is not full.
    let folder = try TemporaryFolder()
    var system = RealFileSystem.test("0:50", folder.path)
    (system.type, system.isReadOnly) = ("fuse.Editor.AppImage", true)
    #expect(system.isImageWhenFull)
    #expect(MountProber.space(system) != nil, "it is not full")
    let full = FileSystemSpace(total: 9, used: 9, available: 0)
    #expect(full.isFull && !FileSystemSpace(total: 9, used: 8, available: 0).isFull)
  }

  @Test func aFileSystemWithoutSpaceIsLeftOut() {
    #expect(MountProber.space(.test("0:21", "/proc")) == nil)
  }
}
