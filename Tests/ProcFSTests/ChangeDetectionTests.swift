import Synchronization
import TestSupport
import Testing

@testable import ProcFS

/// Process clocks that a test controls.
private final class Clocks: Sendable {
  private let times = Mutex<[Int32: Int64]>([:])

  /// Advances the clocks, as if the processes had run.
  func run(_ pids: Int32...) { times.withLock { for pid in pids { $0[pid, default: 0] += 1 } } }

  func end(_ pid: Int32) { times.withLock { $0[pid] = nil } }

  var detector: ChangeDetector {
    ChangeDetector(refusal: nil) { pid in self.times.withLock { $0[pid] } }
  }
}

@Suite struct ChangeDetectionTests {
  private let folder: TemporaryFolder
  private let clocks = Clocks()
  private var reader: ProcessReader

  init() throws {
    folder = try TemporaryFolder()
    for pid in 1...20 {
      try folder.write(statLine(pid: pid, ppid: pid == 1 ? 0 : 1), to: "\(pid)/stat")
      try folder.write("100 7 3 1 0 2 0\n", to: "\(pid)/statm")
      clocks.run(Int32(pid))
    }
    reader = ProcessReader(try ProcFS(root: folder.path), turns: 10, detector: clocks.detector)
  }

  private func process(_ pid: Int32, in sweep: ProcessSweep) -> ProcessEntry? {
    sweep.processes.first { $0.stat.identity.pid == pid }
  }

  @Test mutating func rereadsOnlyProcessesThatRan() throws {
    #expect(try reader.read(forks: 5).unchanged == 0)
    try folder.write(statLine(pid: 3, name: "ran", user: 8), to: "3/stat")
    try folder.write(statLine(pid: 4, name: "unseen", user: 8), to: "4/stat")
    clocks.run(3)
    let sweep = try reader.read(forks: 5)
    #expect(sweep.unchanged == 19)
    #expect(process(3, in: sweep)?.stat.name == "ran")
    #expect(process(3, in: sweep)?.stat.cpu.user == 8)
    #expect(process(4, in: sweep)?.stat.name == "worker")
  }

  @Test mutating func tellsInWhichSweepAProcessRan() throws {
    _ = try reader.read(forks: 5)
    clocks.run(3)
    _ = try reader.read(forks: 5)
    let sweep = try reader.read(forks: 5)
    #expect(process(3, in: sweep)?.ranInSweep == 1)
    #expect(process(4, in: sweep)?.ranInSweep == 0)
  }

  @Test mutating func listsTheFolderOnlyAfterAFork() throws {
    _ = try reader.read(forks: 5)
    try folder.write(statLine(pid: 30), to: "30/stat")
    #expect(process(30, in: try reader.read(forks: 5)) == nil)
    #expect(process(30, in: try reader.read(forks: 6)) != nil)
  }

  @Test mutating func listsTheFolderEachTimeWithoutAForkCount() throws {
    _ = try reader.read()
    try folder.write(statLine(pid: 30), to: "30/stat")
    #expect(process(30, in: try reader.read()) != nil)
  }

  @Test mutating func listsTheFolderPeriodicallyEvenWithoutForks() throws {
    _ = try reader.read(forks: 5)
    try folder.write(statLine(pid: 30), to: "30/stat")
    for _ in 1..<10 { #expect(process(30, in: try reader.read(forks: 5)) == nil) }
    #expect(process(30, in: try reader.read(forks: 5)) != nil)
  }

  @Test mutating func removesExitedProcessesAtOnce() throws {
    _ = try reader.read(forks: 5)
    for pid: Int32 in [1, 7, 20] {
      clocks.end(pid)
      try folder.remove("\(pid)")
    }
    let sweep = try reader.read(forks: 5)
    #expect(sweep.processes.map(\.stat.identity.pid) == (2...19).filter { $0 != 7 })
    #expect(sweep.skipped.total == 0)
  }

  @Test mutating func noticesReclaimedMemoryWithinTenSweeps() throws {
    _ = try reader.read(forks: 5)
    for pid in 1...20 { try folder.write("100 2 3 1 0 2 0\n", to: "\(pid)/statm") }
    var old = 20
    for _ in 1...10 {
      let sweep = try reader.read(forks: 5)
      let stillOld = sweep.processes.count { $0.stat.residentPages != 2 }
      #expect(stillOld == old - 2)
      old = stillOld
    }
    #expect(old == 0)
  }

  @Test mutating func rereadsTheParentOfOrphansAtOnce() throws {
    try folder.write(statLine(pid: 5, ppid: 4), to: "5/stat")
    try folder.write(statLine(pid: 6, ppid: 4), to: "6/stat")
    _ = try reader.read(forks: 5)
    clocks.end(4)
    try folder.remove("4")
    for pid in 5...6 { try folder.write(statLine(pid: pid, ppid: 1), to: "\(pid)/stat") }
    let sweep = try reader.read(forks: 5)
    #expect(process(5, in: sweep)?.stat.parentPID == 1)
    #expect(process(6, in: sweep)?.stat.parentPID == 1)
  }

  @Test mutating func aZombieParentHasLostItsChildren() throws {
    try folder.write(statLine(pid: 5, ppid: 4), to: "5/stat")
    _ = try reader.read(forks: 5)
    try folder.write(statLine(pid: 4, state: "Z"), to: "4/stat")
    try folder.write(statLine(pid: 5, ppid: 1), to: "5/stat")
    clocks.run(4)
    let sweep = try reader.read(forks: 5)
    #expect(process(4, in: sweep)?.stat.state == .zombie)
    #expect(process(5, in: sweep)?.stat.parentPID == 1)
  }

  @Test mutating func rereadsAReusedPIDBecauseItsClockDiffers() throws {
    _ = try reader.read(forks: 5)
    try folder.write(statLine(pid: 9, name: "new", start: 9999), to: "9/stat")
    clocks.run(9)
    let sweep = try reader.read(forks: 6)
    #expect(process(9, in: sweep)?.stat.identity.startTicks == 9999)
    #expect(process(9, in: sweep)?.stat.name == "new")
  }

  @Test mutating func readsEachTimeIfTheClockIsRefused() throws {
    _ = try reader.read(forks: 5)
    clocks.end(9)  // its file still exists
    try folder.write(statLine(pid: 9, user: 3), to: "9/stat")
    #expect(process(9, in: try reader.read(forks: 5))?.stat.cpu.user == 3)
    try folder.write(statLine(pid: 9, user: 4), to: "9/stat")
    #expect(process(9, in: try reader.read(forks: 5))?.stat.cpu.user == 4)
  }

  @Test func readsAllOfAForeignTree() throws {
    var stranger = ProcessReader(try ProcFS(root: folder.path))
    let reason = "\(folder.path) is not the tree of our own pid namespace"
    #expect(try stranger.read(forks: 5).slowReason == reason)
    try folder.link("\(getOwnPID())", to: "self")
    var lookalike = ProcessReader(try ProcFS(root: folder.path))
    #expect(
      try lookalike.read(forks: 5).slowReason == "\(folder.path) shows another process 1 than ours")
    try folder.write(statLine(pid: 4, user: 77), to: "4/stat")
    #expect(process(4, in: try lookalike.read(forks: 5))?.stat.cpu.user == 77)
  }

  @Test func usesClocksOnTheRealTree() throws {
    var reader = ProcessReader(try ProcFS())
    let first = try reader.read(forks: 1)
    #expect(first.slowReason == nil)
    let second = try reader.read(forks: 1)
    // Nearly all processes sleep between two immediate sweeps.
    #expect(second.unchanged > first.processes.count / 2)
    #expect(second.unchanged <= second.processes.count)
  }
}
