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

  @Test func aWaitForNamesEndsWithTheLookUp() async {
    let thread = SerialQueueExecutor(label: "test")
    let names = UserNames(lookUp: { .name("user\($0)") }, run: { thread.run($0) })
    let clock = ManualClock()
    await names.settle([7, 8], atMost: .seconds(1), clock: clock)
    #expect(names.known([7, 8]).isComplete)
    #expect(names.text(of: 8) == "user8")
    await names.settle([7], atMost: .seconds(1), clock: clock)
  }

  @Test func noAnswerWaitsForALookUpThatTakesTooLongAlready() async throws {
    let gate = DispatchSemaphore(value: 0)
    let thread = SerialQueueExecutor(label: "test")
    let (isAsked, time) = (Latest(false), Latest<Int64>(0))
    let names = UserNames(
      lookUp: { _ in
        isAsked.publish(true)
        gate.wait()
        return .noSuchUser
      }, now: { time.value }, run: { thread.run($0) })
    _ = names.known([7])
    try await eventually { isAsked.value }
    time.publish(1_000_000_000)
    // The clock of the limit does not advance.
    await names.settle([7], atMost: .seconds(1), clock: ManualClock())
    gate.signal()
  }

  @Test func aWaitForNamesEndsAfterItsLimitWhenTheDatabaseHangs() async {
    let gate = DispatchSemaphore(value: 0)
    let thread = SerialQueueExecutor(label: "test")
    let names = UserNames(
      lookUp: { uid in
        gate.wait()
        return .name("user\(uid)")
      }, run: { thread.run($0) })
    let clock = ManualClock()
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await names.settle([7], atMost: .seconds(1), clock: clock) }
      await clock.sleepCalled(times: 1)
      clock.advance(by: .seconds(1))
    }
    #expect(!names.known([7]).isComplete)
    gate.signal()
    await names.settle([7])
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
