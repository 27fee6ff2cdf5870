import Linux
import TestSupport
import Testing

@testable import ProcFS

@Suite struct IdentityFilesTests {
  private let folder: TemporaryFolder
  private var files: IdentityFiles

  init() throws {
    folder = try TemporaryFolder()
    try folder.write("0::/\n", to: "7/cgroup")
    files = IdentityFiles(try ProcFS(root: folder.path))
  }

  @Test mutating func readsOurOwnFiles() throws {
    files = IdentityFiles(try ProcFS())
    let arguments = try #require(files.arguments(of: Machine.ownPID, atMost: 16_384).bytes)
    #expect(arguments.last == 0)
    #expect(
      files.executable(of: Machine.ownPID).bytes
        == Array(try Files.target(ofLink: "/proc/self/exe").utf8))
    let groups = try #require(files.controlGroups(of: Machine.ownPID, atMost: 65_536).bytes)
    #expect(groups == (try Files.read("/proc/self/cgroup").bytes))
  }

  @Test mutating func whatIsNotThereIsAbsent() {
    #expect(files.arguments(of: 8, atMost: 10) == .absent)
    #expect(files.executable(of: 8) == .absent)
    #expect(files.controlGroups(of: 8, atMost: 10) == .absent)
    #expect(files.executable(of: 7) == .absent)
  }

  @Test mutating func aLongFileGivesOneByteMoreThanAskedFor() throws {
    try folder.write(String(repeating: "x", count: 2 << 20), to: "7/cmdline")
    #expect(files.arguments(of: 7, atMost: 100).bytes?.count == 101)
    #expect(files.controlGroups(of: 7, atMost: 5).bytes == Array("0::/\n".utf8))
  }

  @Test mutating func theSizeOfAnEarlierReadingDoesNotMatter() throws {
    try folder.write(String(repeating: "x", count: 5000), to: "7/cmdline")
    #expect(files.arguments(of: 7, atMost: 4096).bytes?.count == 4097)
    #expect(files.arguments(of: 7, atMost: 10).bytes?.count == 11)
  }
}

@Suite struct GroupListsTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    for (name, text) in [
      ("two/cgroup.procs", "7\n"), ("two/a b/cgroup.procs", "30\n4\n5\n"),
      ("systemd/user.slice/cgroup.procs", "9\n"), ("cpu/x/cgroup.procs", ""),
    ] { try folder.write(text, to: name) }
    let root = folder.path
    try folder.write(
      """
      30 1 0:30 / \(root)/two rw - cgroup2 cgroup2 rw
      31 1 0:31 / \(root)/systemd rw - cgroup cgroup rw,xattr,name=systemd
      32 1 0:32 / \(root)/cpu rw - cgroup cgroup rw,cpu,cpuacct
      33 1 0:33 / \(root)/memory rw - cgroup cgroup rw,memory

      """, to: "proc/self/mountinfo")
  }

  private func lists() throws -> GroupLists {
    GroupLists(try ProcFS(root: folder.path + "/proc"))
  }

  @Test func eachHierarchyHasItsOwnGroups() throws {
    let lists = try lists()
    #expect(lists.processes(of: "/", in: .unified) == [7])
    #expect(lists.processes(of: "/a b", in: .unified) == [4, 5, 30])
    #expect(lists.processes(of: "/user.slice", in: .systemd) == [9])
    #expect(lists.processes(of: "/x", in: .cpu) == [])
  }

  @Test(arguments: ["/b", "/../other", "/user.slice"])
  func aGroupThatWeCannotSeeHasNoList(group: String) throws {
    #expect(try lists().processes(of: group, in: .unified) == nil)
  }

  @Test func withoutMountsThereIsNoList() throws {
    try folder.write("", to: "bare/stat")
    let lists = GroupLists(try ProcFS(root: folder.path + "/bare"))
    #expect(lists.processes(of: "/", in: .unified) == nil)
  }
}
