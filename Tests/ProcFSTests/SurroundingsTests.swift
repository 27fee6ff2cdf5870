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

  @Test func findsHowATreeIsMounted() {
    #expect(MountInfo(text, mountedOn: "/proc")?.hidepid == "invisible")
    #expect(MountInfo(text, mountedOn: "/proc")?.hidesOthers == true)
    #expect(MountInfo(text, mountedOn: "/host/proc")?.hidesOthers == false)
    #expect(MountInfo(text, mountedOn: "/odd place")?.hidesOthers == false)
    #expect(MountInfo(text, mountedOn: "/tmp") == nil)
    #expect(MountInfo("", mountedOn: "/proc") == nil)
    #expect(MountInfo("one two - proc\n - \nx - proc p rw", mountedOn: "/proc") == nil)
  }
}

@Suite struct CgroupTests {
  @Test func readsALimitOfVersion2() {
    let stat = "usage_usec 5\nnr_periods 9\nnr_throttled 4\nthrottled_usec 1500000\n"
    let group = CgroupCPU(max: "150000 100000\n", stat: stat)
    #expect(group.limit == 1.5)
    #expect(group.throttledPeriods == 4)
    #expect(group.throttledSeconds == 1.5)
    #expect(CgroupCPU(max: "max 100000\n", stat: "").limit == nil)
    #expect(CgroupCPU(max: "", stat: "junk\n").limit == nil)
  }

  @Test func readsALimitOfVersion1() {
    let group = CgroupCPU(
      quota: "50000\n", period: "100000\n", stat: "nr_throttled 2\nthrottled_time 2500000000\n")
    #expect(group.limit == 0.5)
    #expect(group.throttledSeconds == 2.5)
    #expect(CgroupCPU(quota: "-1\n", period: "100000\n", stat: "").limit == nil)
  }

  @Test func findsOurOwnGroup() {
    #expect(CgroupPath("0::/system.slice/x.service\n")?.folder == "/system.slice/x.service")
    #expect(CgroupPath("0::/a\n")?.isVersion2 == true)
    let hybrid = CgroupPath("4:memory:/m\n3:cpu,cpuacct:/docker/a:b\n0::/u\n")
    #expect(hybrid?.folder == "/docker/a:b")
    #expect(hybrid?.isVersion2 == false)
    #expect(CgroupPath("") == nil)
    #expect(CgroupPath("4:memory:/m\n") == nil)
  }
}

@Suite struct CPUListTests {
  @Test(arguments: [("0", 1), ("0-3", 4), ("0-3,8,10-11\n", 7), ("5", 1)])
  func countsWhatTheListNames(_ text: String, _ count: Int) {
    #expect(CPUList(text)?.count == count)
  }

  @Test(arguments: ["", "x", "3-1", "1-2-3", "-1", "1,x"])
  func refusesWhatIsNoList(_ text: String) {
    #expect(CPUList(text) == nil)
  }

  @Test func findsItInTheStatusFile() {
    #expect(CPUList(status: "Name:\tx\nCpus_allowed:\tff\nCpus_allowed_list:\t0-1,4\n")?.count == 3)
    #expect(CPUList(status: "Name:\tx\n") == nil)
  }
}

@Suite struct SurroundingsTests {
  @Test func readsTheFactsBelowTheRoot() throws {
    let proc = try TemporaryFolder()
    let cgroups = try TemporaryFolder()
    try proc.link("7", to: "self")
    try proc.link("pid:[4026532999]", to: "7/ns/pid")
    try proc.write("30 22 0:30 / \(proc.path) rw - proc proc rw,hidepid=2\n", to: "7/mountinfo")
    try proc.write("Cpus_allowed_list:\t0\n", to: "7/status")
    try proc.write("0::/\n", to: "7/cgroup")
    try cgroups.write("200000 100000\n", to: "cpu.max")
    let facts = try ProcFS(root: proc.path).surroundings(cgroups: cgroups.path)
    #expect(facts.ownPID == 7)
    #expect(facts.isInHostPIDNamespace == false)
    #expect(facts.hidepid == "2")
    #expect(facts.cpusAllowed == 1)
    #expect(facts.cgroup?.limit == 2)
  }

  @Test func whatCannotBeReadIsNotKnown() throws {
    let proc = try TemporaryFolder()
    var expected = Surroundings()
    expected.procRoot = proc.path
    #expect(try ProcFS(root: proc.path).surroundings(cgroups: "/none") == expected)
  }
}
