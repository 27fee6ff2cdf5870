import ProcFS
import Testing

@testable import TopServer

@Suite struct HostSampleTests {
  private func sample(_ snapshot: Snapshot) -> HostSample {
    HostSample(snapshot, host: "box", run: "r", sequence: 9) { $0 == 0 ? "root" : nil }
  }

  @Test func theFirstSnapshotHasNoCPUUse() {
    var window = Window.test()
    let sample = sample(window.add(.at(1000, busy: 0, [Process(pid: 1)])))
    #expect(sample.host == "box" && sample.run == "r" && sample.sequence == 9)
    #expect(sample.agent == Version.text)
    #expect(sample.busy == nil && sample.numbers[.user] == nil && sample.interval == nil)
    #expect(sample.processes.isEmpty)
    #expect(sample.numbers[.cpuCount] == 2 && sample.uptime == 1000)
  }

  @Test func theFiveBusiestProcessesAreSent() {
    var window = Window.test()
    func processes(_ scale: UInt64) -> [Process] {
      (1...8).map { Process(pid: $0, user: scale * UInt64($0 == 3 ? 50 : $0)) }
    }
    _ = window.add(.at(1000, busy: 0, processes(0) + [Process(pid: 9)]))
    let sample = sample(window.add(.at(1001, busy: 100, processes(1) + [Process(pid: 9)])))
    #expect(sample.processes.map(\.pid) == [3, 8, 7, 6, 5])
    #expect(sample.processes[0].cpu == 0.5)
    #expect(sample.busy == 1 && sample.numbers[.user] == 1 && sample.interval == 1)
  }

  @Test func tiesAreOrderedByPid() {
    var window = Window.test()
    let pids: ClosedRange<Int32> = 1...7
    _ = window.add(.at(1000, busy: 0, pids.map { Process(pid: $0) }))
    let sample = sample(window.add(.at(1001, busy: 100, pids.map { Process(pid: $0, user: 10) })))
    #expect(sample.processes.map(\.pid) == [1, 2, 3, 4, 5])
  }

  /// The window would count each second sixty times.
  @Test func theSumsAreThoseOfTheNewestInterval() throws {
    var window = Window.test()
    _ = window.add(.at(1000, busy: 0, [Process(pid: 1)]))
    _ = window.add(.at(1001, busy: 200, [Process(pid: 1, user: 20)]))
    let sample = sample(window.add(.at(1002, busy: 220, [Process(pid: 1, user: 50)])))
    #expect(sample.numbers[.counted] == 0.2 && sample.numbers[.accounted] == 0.3)
    #expect(try #require(sample.numbers[.coverage]) < 0.5)
  }

  @Test func theSampleHasTheValuesOfTheSnapshot() throws {
    var window = Window.test()
    _ = window.add(.at(1000, busy: 0, [Process(pid: 1)]))
    let sample = sample(window.add(.at(1004, busy: 200, [Process(pid: 1, user: 100)])))
    let read = try AgentMessage(parsing: AgentMessage(sample: sample).encoded())
    #expect(read.sample == sample)
  }
}
