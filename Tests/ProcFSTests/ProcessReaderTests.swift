import FoundationEssentials
import Linux
import ProcFS
import TestSupport
import Testing

@Suite struct ProcessReaderTests {
  private let folder: TemporaryFolder
  private var reader: ProcessReader

  init() throws {
    folder = try TemporaryFolder()
    reader = ProcessReader(try ProcFS(root: folder.path))
  }

  @Test mutating func readsOnlyProcessesInPIDOrder() throws {
    for pid in [300, 4, 25, 1000] { try folder.write(statLine(pid: pid), to: "\(pid)/stat") }
    for other in ["self/stat", "sys/kernel/x", "12a/stat", "stat", "uptime", "0/stat"] {
      try folder.write(statLine(pid: 77), to: other)
    }
    let sweep = try reader.read()
    #expect(sweep.processes.map(\.stat.identity.pid) == [4, 25, 300, 1000])
    #expect(sweep.skipped.total == 0)
  }

  @Test mutating func anExitedProcessIsAbsentButNotAnError() throws {
    try folder.write(statLine(pid: 1), to: "1/stat")
    try folder.write("", to: "2/comm")  // its stat file is already gone
    let sweep = try reader.read()
    #expect(sweep.processes.map(\.stat.identity.pid) == [1])
    #expect(sweep.skipped.total == 0)
  }

  @Test mutating func countsMalformedFilesAndContinues() throws {
    try folder.write(statLine(pid: 1), to: "1/stat")
    try folder.write("2 (half", to: "2/stat")
    try folder.write("", to: "3/stat")
    try folder.write(statLine(pid: 99), to: "4/stat")
    try folder.write(statLine(pid: 5), to: "5/stat")
    let sweep = try reader.read()
    #expect(sweep.processes.map(\.stat.identity.pid) == [1, 5])
    #expect(sweep.skipped.malformed == 3)
    #expect(sweep.skipped.example == .malformed(file: "\(folder.path)/2/stat", field: "comm"))
  }

  @Test mutating func countsUnreadableEntries() throws {
    try folder.write(statLine(pid: 1), to: "1/stat")
    // A folder in the place of the file: opening works but reading fails, even for root.
    try folder.write("", to: "2/stat/inside")
    let sweep = try reader.read()
    #expect(sweep.processes.map(\.stat.identity.pid) == [1])
    #expect(sweep.skipped.unreadable == 1)
    #expect(sweep.skipped.malformed == 0)
    #expect(sweep.skipped.example?.description == "\(folder.path)/2/stat: Is a directory")
  }

  @Test mutating func theNextSweepSeesChanges() throws {
    try folder.write(statLine(pid: 1, user: 5), to: "1/stat")
    try folder.write(statLine(pid: 2), to: "2/stat")
    _ = try reader.read()
    try folder.write(statLine(pid: 1, name: "renamed", user: 9), to: "1/stat")
    try folder.remove("2")
    try folder.write(statLine(pid: 3), to: "3/stat")
    let sweep = try reader.read()
    #expect(sweep.processes.map(\.stat.identity.pid) == [1, 3])
    #expect(sweep.processes[0].stat.name == "renamed")
    #expect(sweep.processes[0].stat.cpu.user == 9)
  }

  @Test mutating func readsThousandsOfProcesses() throws {
    for pid in 1...3000 { try folder.write(statLine(pid: pid), to: "\(pid)/stat") }
    let pids = try reader.read().processes.map(\.stat.identity.pid)
    #expect(pids == Array(1...3000))
  }

  @Test mutating func aRemovedTreeIsAnError() throws {
    let other = try TemporaryFolder()
    #expect(
      throws: ProcError.unreadable(.init(call: "open", subject: "\(other.path)/none", code: 2))
    ) {
      try ProcFS(root: "\(other.path)/none")
    }
    #expect(throws: ProcError.self) { try ProcFS(root: "/dev/null") }
  }

  @Test func findsOurselvesInTheRealProc() throws {
    let pid = ProcessInfo.processInfo.processIdentifier
    var real = ProcessReader(try ProcFS())
    let sweep = try real.read()
    let us = try #require(sweep.processes.first { $0.stat.identity.pid == pid })
    #expect(us.stat.threads >= 1)
    #expect(us.stat.residentPages > 0)
    #expect(!us.stat.isKernelThread)
    let attributes = try FileManager.default.attributesOfItem(atPath: "/proc/\(pid)")
    #expect(us.uid == attributes[.ownerAccountID] as? UInt32 ?? UInt32.max)
    #expect(try ProcFS().systemStat().cpuCount == Machine.onlineCPUs)
    #expect(try ProcFS().bootID()?.count == 36)
  }
}
