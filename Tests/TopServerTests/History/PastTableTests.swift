import Linux
import ProcFS
import Testing

@testable import TopServer

/// Compares tables of the past with the live tables.
@Suite struct PastTableTests {
  /// The columns that the table shares with the live one.
  private struct Row: Equatable {
    var identity: ProcessIdentity
    var name: String
    var state: ProcessState
    var parentPID: Int32
    var average: [Int?]
    var recent: [Int?]
    var childrenRecent: [Int?]
    var window: Int?

    init(_ row: ProcessRow) {
      identity = row.identity
      name = row.name
      state = row.state
      parentPID = row.parentPID
      // Hundredths of a percent, as /cpu_usage shows them.
      func shown(_ share: CPUShare?) -> [Int?] {
        [share?.user, share?.system].map { $0.map { Int(($0 * 10_000).rounded()) } }
      }
      average = shown(row.average)
      recent = shown(row.recent)
      childrenRecent = shown(row.childrenRecent)
      window = row.window.map { Int(($0 * 100).rounded()) }
    }
  }

  @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64])
  func everyTableMatchesTheLiveOne(seed: UInt64) throws {
    var random = SplitMix(state: seed)
    var machine = SimulatedMachine()
    var window = Window.test(seconds: 10)
    var recording = Recording()
    var live: [Snapshot] = []
    for second in 0..<130 {
      for _ in 0..<(second == 70 ? 700 : 100) {
        machine.pass()
        step(&machine, &random)
      }
      let snapshot = window.add(
        machine.sample { if second > 60, second % 20 < 7, $0.pid == 1 { $0.name = "renamed" } })
      live.append(snapshot)
      recording.add(snapshot)
    }
    let stored = try recording.all.map { try $0.throughBytes() }
    for snapshot in live {
      let table = try #require(
        recording.table(at: snapshot.milliseconds + 400, seconds: 10, of: stored))
      #expect(table.processes.map(Row.init) == snapshot.processes.map(Row.init))
      #expect(table.milliseconds == snapshot.milliseconds)
      #expect(
        table.window.map { Int(($0 * 100).rounded()) }
          == snapshot.window.map { Int(($0 * 100).rounded()) })
      #expect(table.cpuCount == snapshot.cpuCount)
    }
  }

  private func step(_ machine: inout SimulatedMachine, _ random: inout SplitMix) {
    if let worker = machine.alive.randomElement(using: &random) {
      machine.work(worker, inSystem: random.next() % 3 == 0)
    }
    if random.next() % 40 == 0, let parent = machine.alive.randomElement(using: &random),
      machine.alive.count < 30
    {
      machine.fork(parent)
    }
    if random.next() % 50 == 0,
      let child = machine.alive.filter({ $0 != 1 }).randomElement(using: &random)
    {
      machine.exit(child)
    }
    if random.next() % 20 == 0, let zombie = machine.zombies.randomElement(using: &random) {
      machine.wait(for: zombie)
    }
  }

  private func steady(_ seconds: Range<Int>) -> Recording {
    var recording = Recording()
    var window = Window.test()
    for second in seconds {
      let worker = Process(pid: 2, user: UInt64(second) * 50, system: UInt64(second) * 25)
      recording.add(window.add(.at(Double(second), [Process(pid: 1), worker])))
    }
    return recording
  }

  @Test(arguments: [HistoryBlock.Resolution.tenSeconds, .minute])
  func aThinnedTableHasTheSameAverages(_ resolution: HistoryBlock.Resolution) throws {
    let recording = steady(0..<600)
    let merged = try #require(Thinning.merge(recording.all, to: resolution)).throughBytes()
    let time = try #require(recording.all.last?.first) - 120_000
    let table = try #require(recording.table(at: time, of: [merged]))
    let row = try #require(table.row(2))
    #expect(row.average?.user.rounded(places: 4) == 0.5)
    #expect(row.average?.system.rounded(places: 4) == 0.25)
    #expect(row.window == 60)
    #expect(table.row(1)?.average == .zero)
  }

  @Test(arguments: [HistoryBlock.Resolution.tenSeconds, .minute])
  func aThinnedTableShowsTheLastNameOfAProcess(_ resolution: HistoryBlock.Resolution) throws {
    var recording = Recording()
    var window = Window.test()
    var names: [Int64: String] = [:]
    for second in 0..<600 {
      // In turns of three, of seven and of all lengths in between.
      let name = ["a", "b", "c"][(second / 3 + second / 7) % 3]
      let worker = Process(pid: 2, name: name, user: UInt64(second) * 50)
      let snapshot = window.add(.at(Double(second), [Process(pid: 1), worker]))
      names[snapshot.milliseconds / resolution.milliseconds] = name
      recording.add(snapshot)
    }
    let first = try #require(Thinning.merge(recording.all, to: .tenSeconds))
    let merged = try #require(Thinning.merge([first], to: resolution)).throughBytes()
    for (place, name) in names {
      let table = try #require(
        recording.table(at: (place + 1) * resolution.milliseconds - 1, of: [merged]))
      #expect(table.processes.map(\.name) == ["worker", name])
      #expect(table.row(2)?.window == table.window)
    }
  }

  @Test func thereIsNoTableOutsideTheHistory() throws {
    let recording = steady(100..<160)
    let first = try #require(recording.all.first?.first)
    let last = try #require(recording.all.last?.last)
    #expect(recording.table(at: first - 1) == nil)
    #expect(recording.table(at: first) != nil)
    #expect(recording.table(at: last + 2_900) != nil)
    #expect(recording.table(at: last + 3_100) == nil)
  }

  @Test func aGapHasNoTable() {
    var recording = steady(0..<50)
    _ = recording.builder.endRun().map { recording.blocks.append($0) }
    var window = Window.test()
    for second in 500..<520 {
      recording.add(window.add(.at(Double(second), [Process(pid: 1)])))
    }
    let start: Int64 = 1_700_000_000_000
    #expect(recording.table(at: start + 49_500) != nil)
    #expect(recording.table(at: start + 300_000) == nil)
    #expect(recording.table(at: start + 500_000) != nil)
    // Averages do not extend across the gap.
    #expect(recording.table(at: start + 510_000)?.window == 10)
  }

  @Test func unrecordedColumnsAreNil() throws {
    let row = try #require(steady(0..<5).table(at: 1_700_000_004_000)?.row(2))
    #expect(row.threads == nil)
    #expect(row.residentBytes == nil)
  }

  @Test func theUseOfExitedProcessesGoesToTheNearestLivingAncestor() throws {
    var recording = Recording()
    var window = Window.test()
    for second in 0..<20 {
      // Until the tenth second a shell works for make, and a compiler, with twice the use, for the shell.
      let ticks = UInt64(second)
      var rows = [Process(pid: 1), Process(pid: 2, name: "make")]
      if second < 10 {
        rows.append(Process(pid: 3, name: "sh", parent: 2, user: 10 * ticks))
        rows.append(Process(pid: 4, name: "cc", parent: 3, user: 20 * ticks, system: ticks))
      }
      recording.add(window.add(.at(Double(second), rows)))
    }
    let table = try #require(recording.table(at: 1_700_000_019_000))
    #expect(table.processes.map(\.name).count == 2)
    let make = try #require(table.row(2))
    #expect(make.average == CPUShare(user: 0, system: 0))
    // Nine seconds of nineteen.
    #expect((make.childrenAverage?.user ?? 0).rounded(places: 4) == (2.7 / 19).rounded(places: 4))
    #expect(
      (make.childrenAverage?.system ?? 0).rounded(places: 4) == (0.09 / 19).rounded(places: 4))
    #expect(make.childrenRecent == CPUShare(user: 0, system: 0))
    #expect(table.row(1)?.childrenAverage == CPUShare(user: 0, system: 0))
  }

  @Test func anIdleParentPassesTheUseOfItsChildrenOn() throws {
    var recording = Recording()
    var window = Window.test()
    for second in 0..<100 {
      var rows = [Process(pid: 1), Process(pid: 2, name: "make")]
      if second < 80 {
        // Older than the window, and idle since.
        rows.append(Process(pid: 3, name: "sh", parent: 2))
        rows.append(Process(pid: 4, name: "cc", parent: 3, user: UInt64(10 * second)))
      }
      recording.add(window.add(.at(Double(second), rows)))
    }
    let table = try #require(recording.table(at: 1_700_000_099_000))
    // From the 39th second to the 79th, of sixty.
    #expect(table.row(2)?.childrenAverage?.user.rounded(places: 4) == (4.0 / 60).rounded(places: 4))
  }

  @Test func theUseOfAnOrphanThatExitedGoesToPID1() throws {
    var recording = Recording()
    var window = Window.test()
    for second in 0..<100 {
      var rows = [Process(pid: 1)]
      // Its parent exited before anything was recorded.
      if second < 80 { rows.append(Process(pid: 9, parent: 7, user: UInt64(10 * second))) }
      recording.add(window.add(.at(Double(second), rows)))
    }
    let table = try #require(recording.table(at: 1_700_000_099_000))
    #expect(table.row(1)?.childrenAverage?.user.rounded(places: 4) == (4.0 / 60).rounded(places: 4))
  }

  @Test func afterTheClockWasSetBackTheNewerSamplesCount() throws {
    var recording = Recording()
    var window = Window.test()
    for second in 0..<100 {
      var sample = Sample.at(
        Double(second), [Process(pid: 1, name: second < 50 ? "before" : "after")])
      if second >= 50 { sample.time.wall -= 30_000_000_000 }
      recording.add(window.add(sample))
    }
    #expect(recording.table(at: 1_700_000_010_500)?.row(1)?.name == "before")
    #expect(recording.table(at: 1_700_000_030_000)?.row(1)?.name == "after")
  }
}
