import Dispatch
import Linux
import Synchronization
import TestSupport
import Testing

@testable import TopServer

@Suite struct UserNamesTests {
  @Test func aHangingDatabaseDoesNotBlockAnswers() async {
    let gate = DispatchSemaphore(value: 0)
    let thread = SerialQueueExecutor(label: "test")
    let names = UserNames(
      lookUp: { uid in
        gate.wait()
        return .name("user\(uid)")
      }, run: { thread.run($0) })
    let before = names.known([7])
    #expect(before.text(of: 7) == "7")
    #expect(!before.isComplete)
    gate.signal()
    await names.settle([7])
    #expect(names.text(of: 7) == "user7")
    #expect(names.revision > before.revision)
  }

  @Test func aChangedFileIsNoticedWithoutARequest() async {
    let clock = ManualClock()
    let folder = try? TemporaryFolder()
    let path = (folder?.path ?? "") + "/passwd"
    try? folder?.write("a", to: "passwd")
    let name = Latest("svc-a")
    let names = UserNames(
      lookUp: { _ in .name(name.value) }, version: { UserDatabase.version(of: [path]) },
      run: { $0() })
    #expect(names.text(of: 7) == "svc-a")
    await withTaskGroup(of: Void.self) { group in
      group.addTask { try? await names.watch(clock: clock) }
      await clock.sleepCalled(times: 1)
      name.publish("svc-b")
      #expect(names.text(of: 7) == "svc-a")
      try? folder?.write("other", to: "passwd")
      clock.advance(by: .seconds(5))
      await clock.sleepCalled(times: 2)
      group.cancelAll()
    }
    #expect(names.text(of: 7) == "svc-b")
  }
}
