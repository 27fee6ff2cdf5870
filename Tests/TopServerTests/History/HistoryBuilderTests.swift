import Linux
import ProcFS
import Testing

@testable import TopServer

@Suite struct HistoryBuilderTests {
  private func snapshots(_ samples: [Sample]) -> [Snapshot] {
    var window = Window.test()
    return samples.map { window.add($0) }
  }

  @Test func eachMinuteIsABlock() {
    var recording = Recording()
    for snapshot in snapshots((0..<150).map { .at(Double($0), [Process(pid: 1)]) }) {
      recording.add(snapshot)
    }
    // The clock of the tests begins at 13 minutes and 20 seconds past the hour.
    #expect(recording.all.map(\.points.count) == [40, 60, 50])
    #expect(recording.all.map(\.id) == [1, 2, 3])
    for block in recording.all {
      #expect(block.columns.values.allSatisfy { $0.average.count == block.points.count })
    }
  }

  @Test func onlyActivityIsRecorded() throws {
    var recording = Recording()
    let samples = [
      Sample.at(1, [Process(pid: 1), Process(pid: 2, user: 5)]),
      .at(2, [Process(pid: 1), Process(pid: 2, user: 25, system: 10)]),
      .at(3, [Process(pid: 1), Process(pid: 2, user: 25, system: 10)]),
      .at(4, [Process(pid: 1, state: .running), Process(pid: 2, user: 25, system: 11)]),
    ]
    for snapshot in snapshots(samples) { recording.add(snapshot) }
    let block = try #require(recording.all.first)
    #expect(block.points.map(\.elapsed) == [0, 1_000_000, 1_000_000, 1_000_000])
    #expect(block.processes.present.map(\.process) == [1, 2])
    #expect(
      block.processes.activity == [
        1: [.init(point: 3, state: .running)],
        2: [
          .init(point: 1, user: 20, system: 10, state: .sleeping),
          .init(point: 3, system: 1, state: .sleeping),
        ],
      ])
  }

  @Test func birthsEndsAndNewNamesAreRecorded() throws {
    var recording = Recording()
    let samples = [
      Sample.at(10, [Process(pid: 1), Process(pid: 2)]),
      .at(11, [Process(pid: 1), Process(pid: 3, start: 1050, user: 7)]),
      .at(12, [Process(pid: 1), Process(pid: 3, start: 1050, name: "other", user: 7)]),
    ]
    for snapshot in snapshots(samples) { recording.add(snapshot) }
    let processes = try #require(recording.all.first).processes
    #expect(processes.born.map(\.process) == [3, 4])
    #expect(processes.born.map(\.point) == [1, 2])
    #expect(processes.born.map(\.isRename) == [false, true])
    #expect(
      processes.ended == [
        .init(point: 1, process: 2), .init(point: 2, process: 3, isRename: true),
      ])
    #expect(recording.known[4]?.name == "other")
    #expect(recording.known[4]?.identity == recording.known[3]?.identity)
    #expect(recording.builder.exited.map(\.process) == [2])
  }

  @Test func aReturningNameGetsItsFormerReference() throws {
    var recording = Recording()
    let samples = (0..<30).map { second in
      Sample.at(
        Double(second), [Process(pid: 1), Process(pid: 2, name: ["a", "b", "c"][second % 3])])
    }
    for snapshot in snapshots(samples) { recording.add(snapshot) }
    #expect(recording.known.count == 4)
    let processes = try #require(recording.all.first).processes
    #expect(processes.born.map(\.process) == (1..<30).map { [2, 3, 4][$0 % 3] })
    #expect(recording.builder.exited.isEmpty)
    _ = recording.builder.endRun()
    #expect(Set(recording.builder.exited.map(\.process)) == [1, 2, 3, 4])
  }

  @Test func onlyTheNewestNamesOfAProcessAreKept() throws {
    var recording = Recording()
    let samples = (0..<100).map { Sample.at(Double($0), [Process(pid: 1, name: "title \($0)")]) }
    for snapshot in snapshots(samples) { recording.add(snapshot) }
    #expect(recording.known.count == 100)
    #expect(recording.builder.exited.map(\.process) == (1...67).map { Int64($0) })
  }

  @Test func settingTheClockBackBeginsANewBlock() {
    var recording = Recording()
    var window = Window.test()
    for second in 0..<20 {
      var sample = Sample.at(Double(second), [Process(pid: 1)])
      if second >= 10 { sample.time.wall -= 3_600_000_000_000 }
      recording.add(window.add(sample))
    }
    #expect(recording.all.map(\.points.count) == [10, 10])
    for block in recording.all {
      #expect(block.points.map(\.time) == block.points.map(\.time).sorted())
      #expect(block.points.allSatisfy { $0.elapsed >= 0 })
    }
    #expect(recording.all.map(\.id) == [1, 2])
  }

  @Test func theEndOfARunEndsItsProcesses() {
    var recording = Recording()
    for snapshot in snapshots([.at(1, [Process(pid: 1)]), .at(2, [Process(pid: 1)])]) {
      recording.add(snapshot)
    }
    #expect(recording.builder.endRun()?.points.count == 2)
    #expect(recording.builder.exited.map(\.process) == [1])
    #expect(recording.builder.open == nil)
    recording.add(snapshots([.at(9, [Process(pid: 1)])])[0])
    #expect(recording.builder.open?.points.map(\.elapsed) == [0])
  }

  @Test func writtenProcessesAreReleasedByReference() {
    var recording = Recording()
    var window = Window.test()
    recording.add(window.add(.at(1, [Process(pid: 1), Process(pid: 2)])))
    recording.add(window.add(.at(2, [Process(pid: 1), Process(pid: 3, start: 150)])))
    let batch = recording.batch
    #expect(batch.appeared.map(\.reference) == [1, 2, 3])
    #expect(batch.exited.map(\.process) == [2])
    // While the batch is written, a process starts, another exits, and an old block is dropped.
    recording.add(window.add(.at(3, [Process(pid: 1), Process(pid: 4, start: 250)])))
    recording.builder.forget(before: 2)
    #expect(recording.builder.appeared.map(\.reference) == [1, 4])
    recording.builder.forget(batch)
    #expect(recording.builder.appeared.map(\.reference) == [4])
    #expect(recording.builder.exited.isEmpty)
  }

  @Test func livingAndReferencedProcessesKeepTheirNames() {
    var recording = Recording()
    var window = Window.test()
    let daemon = Process(pid: 1, name: "daemon")
    for second in 0..<300 {
      let short = Process(pid: Int32(10 + second), start: UInt64(second * 100), name: "short")
      recording.add(window.add(.at(Double(second), [daemon, short])))
    }
    #expect(recording.builder.appeared.count == 301)
    #expect(recording.builder.endedNames == 299)
    let held = recording.all.suffix(2)
    recording.builder.forget(before: held.first?.id ?? 0)
    let names = Set(recording.builder.appeared.map(\.reference))
    #expect(names.contains(1), "the daemon appeared first, and is alive")
    var needed = Set<ProcessReference>()
    for block in held {
      needed.formUnion(block.processes.present.map(\.process))
      needed.formUnion(block.processes.born.map(\.process))
      needed.formUnion(block.processes.ended.map(\.process))
      needed.formUnion(block.processes.activity.keys)
    }
    #expect(needed.isSubset(of: names))
    #expect(names.count < 130)
    #expect(recording.builder.exited.count == names.count - 2, "all that ended but the newest")
  }

  @Test func theEndOfAStoredProcessIsKept() {
    var recording = Recording()
    var window = Window.test()
    recording.add(window.add(.at(1, [Process(pid: 1), Process(pid: 2)])))
    recording.settle()
    recording.add(window.add(.at(2, [Process(pid: 1), Process(pid: 3, start: 150)])))
    recording.add(window.add(.at(3, [Process(pid: 1)])))
    let onItsWay = recording.builder.appeared
    recording.builder.forget(before: 9, except: onItsWay)
    #expect(recording.builder.exited.map(\.process) == [2, 3])
    recording.builder.forget(before: 9)
    #expect(recording.builder.exited.map(\.process) == [2], "the end must still reach the file")
  }

  @Test func aNewFileGetsProcessesThatExitedMeanwhile() {
    var recording = Recording()
    var window = Window.test()
    recording.add(window.add(.at(1, [Process(pid: 1)])))
    recording.settle()
    recording.add(window.add(.at(2, [Process(pid: 1), Process(pid: 2, start: 150)])))
    recording.add(window.add(.at(3, [Process(pid: 1)])))
    recording.builder.addLivingAgain()
    #expect(recording.builder.appeared.map(\.reference) == [1, 2])
  }

  @Test func aBlockWithVeryManyBirthsEndsEarly() {
    var recording = Recording()
    var window = Window.test()
    for second in 0..<6 {
      let many = (0..<9000).map { number in
        Process(pid: Int32(10 + number), start: UInt64(second * 100), name: "short")
      }
      recording.add(window.add(.at(Double(second), many)))
    }
    #expect(recording.all.count == 2)
    #expect(recording.all.map(\.points.count) == [4, 2])
  }
}
