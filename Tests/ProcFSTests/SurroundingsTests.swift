import ProcFS
import TestSupport
import Testing

@Suite struct MountInfoTests {
  private let text = """
    22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
    24 22 0:22 / /proc rw,nosuid,nodev shared:13 - proc proc rw,gid=5,hidepid=invisible
    30 22 0:30 / /host/proc ro - proc proc rw
    31 22 0:31 / /odd\\040place rw - proc proc rw,hidepid=0
    32 22 0:32 / /tmp rw - tmpfs tmpfs rw,hidepid=2
    """

  @Test func findsTheMountOfATree() {
    #expect(MountInfo(text, mountedOn: "/proc")?.hidepid == "invisible")
    #expect(MountInfo(text, mountedOn: "/proc")?.hidesOthers == true)
    #expect(MountInfo(text, mountedOn: "/proc//")?.hidepid == "invisible")
    #expect(MountInfo(text, mountedOn: "/host/proc")?.hidesOthers == false)
    #expect(MountInfo(text, mountedOn: "/odd place")?.hidesOthers == false)
    #expect(MountInfo(text, mountedOn: "/tmp") == nil)
    #expect(MountInfo("", mountedOn: "/proc") == nil)
    #expect(MountInfo("one two - proc\n - \nx - proc p rw", mountedOn: "/proc") == nil)
  }
}

@Suite struct CPUListTests {
  @Test(arguments: [("0", 1), ("0-3", 4), ("0-3,8,10-11\n", 7), ("5", 1)])
  func countsTheCPUsOfAList(_ text: String, _ count: Int) {
    #expect(CPUList(text)?.count == count)
  }

  @Test(arguments: ["", "x", "3-1", "1-2-3", "-1", "1,x"])
  func rejectsInvalidLists(_ text: String) {
    #expect(CPUList(text) == nil)
  }

  @Test func findsTheListInTheStatusFile() {
    #expect(CPUList(status: "Name:\tx\nCpus_allowed:\tff\nCpus_allowed_list:\t0-1,4\n")?.count == 3)
    #expect(CPUList(status: "Name:\tx\n") == nil)
  }
}

@Suite struct SurroundingsTests {
  @Test func readsTheFactsBelowTheRoot() throws {
    let proc = try TemporaryFolder()
    try proc.link("7", to: "self")
    try proc.link("pid:[4026532999]", to: "7/ns/pid")
    try proc.write("30 22 0:30 / \(proc.path) rw - proc proc rw,hidepid=2\n", to: "7/mountinfo")
    try proc.write("Cpus_allowed_list:\t0\n", to: "7/status")
    let facts = try ProcFS(root: proc.path).surroundings()
    #expect(facts.ownPID == 7)
    #expect(facts.isInHostPIDNamespace == false)
    #expect(facts.hidepid == "2")
    #expect(facts.cpusAllowed == 1)
  }

  @Test func unreadableFactsAreNil() throws {
    let proc = try TemporaryFolder()
    var expected = Surroundings()
    expected.procRoot = proc.path
    #expect(try ProcFS(root: proc.path).surroundings() == expected)
  }
}
