import Linux
import ProcFS
import TestSupport
import Testing

@Suite struct ProcFSMachineTests {
  @Test func theRealTreeHasEveryFile() throws {
    let procfs = try ProcFS()
    let memory = try procfs.memInfo()
    #expect(memory.total > 0 && memory.available <= memory.total && memory.free <= memory.total)
    #expect(try procfs.loadAverage().one >= 0)
    #expect(try procfs.uptime().seconds > 0)
    #expect(try procfs.netDev(procfs.netDevFile()).interfaces.contains { $0.name == "lo" })
    _ = try procfs.diskStats()
    _ = try procfs.realFileSystems()
  }

  @Test func prefersTheMachinesInterfacesToOurs() throws {
    let folder = try TemporaryFolder()
    let procfs = try ProcFS(root: folder.path)
    try folder.write("own: 1 2 3 4 5 6 7 8 9 10 11 12\n", to: "net/dev")
    #expect(procfs.netDevFile() == "net/dev")
    try folder.write("host: 1 2 3 4 5 6 7 8 9 10 11 12\n", to: "1/net/dev")
    #expect(procfs.netDevFile() == "1/net/dev")
  }

  @Test func errorsHaveTheFullPath() throws {
    let folder = try TemporaryFolder()
    let procfs = try ProcFS(root: folder.path)
    let missing = ProcError.unreadable(
      .init(call: "open", subject: "\(folder.path)/pressure/cpu", code: 2))
    #expect(throws: missing) { try procfs.pressure(on: "cpu") }
    try folder.write("never\n", to: "loadavg")
    #expect(throws: ProcError.malformed(file: "\(folder.path)/loadavg", field: "load 1")) {
      try procfs.loadAverage()
    }
  }

  @Test func withoutATypeListOnlyNetworkFileSystemsAreReal() throws {
    let folder = try TemporaryFolder()
    try folder.write(
      "1 0 8:1 / / rw - ext4 a rw\n2 1 0:40 / /n rw - nfs4 server:/x rw\n", to: "self/mountinfo")
    let procfs = try ProcFS(root: folder.path)
    #expect(try procfs.realFileSystems().map(\.source) == ["server:/x"])
    try folder.write("\text4\n", to: "filesystems")
    #expect(try procfs.realFileSystems().map(\.source) == ["a", "server:/x"])
  }
}
