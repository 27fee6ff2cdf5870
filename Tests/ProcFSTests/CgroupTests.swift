import TestSupport
import Testing

@testable import ProcFS

@Suite struct CgroupTextTests {
  @Test(
    arguments: [
      ("150000 100000\n", 1.5), ("max 100000\n", nil), ("50000 100000", 0.5), ("", nil), ("1", nil),
      ("nan 100000\n", nil), ("inf 1\n", nil), ("-5 100000\n", nil), ("0 100000\n", nil),
      ("100000 0\n", nil), ("99999999999999999999 1\n", nil),
    ] as [(String, Double?)])
  func parsesAVersion2Limit(_ text: String, _ cpus: Double?) {
    #expect(CgroupLimit.cpus(max: text) == cpus)
  }

  @Test(
    arguments: [
      ("50000\n", "100000\n", 0.5), ("-1\n", "100000\n", nil), ("", "", nil), ("x\n", "1\n", nil),
    ] as [(String, String, Double?)])
  func parsesAVersion1Limit(_ quota: String, _ period: String, _ cpus: Double?) {
    #expect(CgroupLimit.cpus(quota: quota, period: period) == cpus)
  }

  @Test func parsesThrottlingOfBothVersions() {
    let second = CgroupThrottling(
      stat: "usage_usec 5\nnr_periods 9\nnr_throttled 4\nthrottled_usec 1500000\n")
    #expect(second.periods == 4 && second.seconds == 1.5)
    let first = CgroupThrottling(stat: "nr_throttled 2\nthrottled_time 2500000000\n")
    #expect(first.periods == 2 && first.seconds == 2.5)
    #expect(CgroupThrottling(stat: "junk\nnr_throttled x\n") == CgroupThrottling())
  }

  @Test func findsOurOwnGroups() {
    #expect(CgroupMembership("0::/system.slice/x.service\n").unified == "/system.slice/x.service")
    let hybrid = CgroupMembership("4:memory:/m\n3:cpu,cpuacct:/docker/a:b\n0::/u\n")
    #expect(hybrid.cpu == "/docker/a:b" && hybrid.unified == "/u")
    #expect(CgroupMembership("") == CgroupMembership("4:memory:/m\n2:cpuset:/c\n"))
    #expect(CgroupMembership("").cpu == nil && CgroupMembership("").unified == nil)
  }
}

@Suite struct CgroupChainTests {
  private func names(_ group: String, root: String = "/") -> [String] {
    CgroupMount(isVersion2: true, folder: "/cg", root: root).chain(to: group).map(\.name)
  }

  @Test func chainHasEveryGroupFromTheMountRootToOurs() {
    let mount = CgroupMount(isVersion2: true, folder: "/cg")
    #expect(
      mount.chain(to: "/a/b").map { [$0.name, $0.path] } == [
        ["/", "/cg"], ["/a", "/cg/a"], ["/a/b", "/cg/a/b"],
      ])
    #expect(names("/") == ["/"])
  }

  @Test func aMountMayShowAPartOfTheHierarchy() {
    // A version 1 container sees its own group as the root, but its full path in /proc/self/cgroup.
    #expect(names("/docker/1/app", root: "/docker/1") == ["/docker/1", "/docker/1/app"])
    #expect(names("/docker/1", root: "/docker/1") == ["/docker/1"])
    #expect(names("/docker/10", root: "/docker/1") == [])
    #expect(names("/other", root: "/docker/1") == [])
  }

  @Test func groupsAboveOurNamespaceAreComparedButNotFollowed() {
    // We were moved out of the namespace, and the mount starts at its root.
    #expect(names("/../other") == [])
    #expect(names("/..") == [])
    // The mount starts above the namespace: the groups in between have no name here.
    #expect(names("/", root: "/../..") == ["/../.."])
    #expect(names("/app", root: "/..") == ["/.."])
    #expect(names("/../b/app", root: "/..") == ["/..", "/../b", "/../b/app"])
    #expect(names("/../b", root: "/../a") == [])
    #expect(names("/a/../../../etc") == [])
  }

  @Test func aVeryLongPathIsTruncated() {
    let group = (0..<2000).map { "/\($0)" }.joined()
    let chain = names(group)
    #expect(chain.count == 64)
    #expect(chain.first == "/" && chain.last == group)
  }
}

@Suite struct CgroupReaderTests {
  private static let second: Int64 = 1_000_000_000
  private let proc: TemporaryFolder
  private let groups: TemporaryFolder
  private var reader: CgroupReader

  init() throws {
    proc = try TemporaryFolder()
    groups = try TemporaryFolder()
    reader = CgroupReader(try ProcFS(root: proc.path), folder: groups.path)
  }

  private func version2(_ group: String, _ max: String, throttled: Int = 0) throws {
    try groups.write("\(max) 100000\n", to: "\(group)cpu.max")
    try groups.write(
      "nr_throttled \(throttled)\nthrottled_usec \(throttled)000000\n", to: "\(group)cpu.stat")
  }

  private func version1(_ group: String, _ quota: Int, throttled: Int = 0) throws {
    try groups.write("\(quota)\n", to: "\(group)cpu.cfs_quota_us")
    try groups.write("100000\n", to: "\(group)cpu.cfs_period_us")
    try groups.write(
      "nr_throttled \(throttled)\nthrottled_time \(throttled)000000000\n", to: "\(group)cpu.stat")
  }

  @Test mutating func readsTheLowestVersion2LimitAndItsThrottling() throws {
    try proc.write("0::/pod/app/init\n", to: "self/cgroup")
    try version2("pod/", "200000", throttled: 7)
    try version2("pod/app/", "400000", throttled: 3)
    try version2("pod/app/init/", "max")
    let answer = reader.read(at: 0)
    let found = try #require(answer)
    #expect(found.limit == 2 && found.group == "/pod")
    #expect(found.throttling.periods == 7 && found.throttling.seconds == 7)
  }

  @Test mutating func readsTheLowestVersion1Limit() throws {
    try proc.write("3:cpu,cpuacct:/a/b\n0::/u\n", to: "self/cgroup")
    try version1("cpu,cpuacct/", -1)
    try version1("cpu,cpuacct/a/", 50_000, throttled: 5)
    try version1("cpu,cpuacct/a/b/", 150_000, throttled: 9)
    let answer = reader.read(at: 0)
    let found = try #require(answer)
    #expect(found.limit == 0.5 && found.group == "/a" && found.throttling.seconds == 5)
  }

  @Test mutating func inAHybridSetupEitherVersionMayLimit() throws {
    try proc.write("1:name=systemd:/x\n0::/u\n", to: "self/cgroup")
    try version2("unified/u/", "30000")
    #expect(reader.read(at: 0)?.limit == 0.3)
    try proc.write("2:cpu:/c\n0::/u\n", to: "self/cgroup")
    try version1("cpu/c/", 20_000)
    #expect(reader.read(at: 10 * Self.second)?.group == "/c")
    try version1("cpu/c/", 90_000)
    #expect(reader.read(at: 20 * Self.second)?.group == "/u")
  }

  @Test mutating func usesTheMountsOfTheTree() throws {
    // Two mounts of one hierarchy: the second shows more of it. A mount of another type shows nothing.
    try proc.write("0::/pod/app\n", to: "self/cgroup")
    try proc.write(
      """
      30 1 0:30 /pod/app \(groups.path)/part rw - cgroup2 cgroup2 rw
      31 1 0:30 /pod \(groups.path)/more rw - cgroup2 cgroup2 rw
      32 1 0:31 / \(groups.path)/cpu rw - cgroup cgroup rw,cpuset

      """, to: "self/mountinfo")
    try version2("part/", "300000")
    try version2("more/app/", "300000")
    try version2("more/", "100000", throttled: 1)
    try version2("", "1000")
    let answer = reader.read(at: 0)
    let found = try #require(answer)
    #expect(found.limit == 1 && found.group == "/pod" && found.throttling.periods == 1)
  }

  @Test mutating func readsNothingOutsideTheMount() throws {
    try proc.write("0::/../../outside\n", to: "self/cgroup")
    try proc.write(
      "30 1 0:30 / \(groups.path)/in/cg rw - cgroup2 cgroup2 rw\n", to: "self/mountinfo")
    try version2("outside/", "1000")
    try version2("in/cg/", "1000")
    #expect(reader.read(at: 0) == nil)
    // Without mounts in the tree, the root of the usual mount is the best guess.
    try proc.remove("self/mountinfo")
    try version2("", "250000")
    var later = CgroupReader(try ProcFS(root: proc.path), folder: groups.path)
    #expect(later.read(at: 0)?.limit == 2.5)
  }

  @Test mutating func skipsUnreadableGroups() throws {
    try proc.write("0::/a/b/c\n", to: "self/cgroup")
    try groups.write("a folder", to: "a/cpu.max/x")
    try version2("a/b/c/", "max", throttled: 2)
    let answer = reader.read(at: 0)
    let found = try #require(answer)
    #expect(found.limit == nil && found.group == "/a/b/c" && found.throttling.periods == 2)
    try proc.write("0::/none\n", to: "self/cgroup")
    #expect(reader.read(at: 10 * Self.second) == nil)
  }

  @Test mutating func theOutermostOfEqualLimitsCounts() throws {
    try proc.write("0::/a/b\n", to: "self/cgroup")
    try version2("a/", "100000")
    try version2("a/b/", "100000")
    #expect(reader.read(at: 0)?.group == "/a")
  }

  @Test mutating func readsLimitsEveryTenSecondsAndThrottlingEachTime() throws {
    try proc.write("0::/a\n", to: "self/cgroup")
    try version2("a/", "100000", throttled: 1)
    #expect(reader.read(at: 0)?.throttling.periods == 1)
    try version2("a/", "200000", throttled: 2)
    let next = reader.read(at: 9 * Self.second)
    #expect(next?.throttling.periods == 2 && next?.limit == 1)
    #expect(reader.read(at: 10 * Self.second)?.limit == 2)
    // We moved to another group and the old one was removed: this is detected at once.
    try proc.write("0::/b\n", to: "self/cgroup")
    try groups.remove("a")
    try version2("b/", "300000")
    _ = reader.read(at: 11 * Self.second)
    #expect(reader.read(at: 12 * Self.second)?.limit == 3)
  }

  @Test mutating func readsTheMountsAgainUntilAGroupIsFound() throws {
    try proc.write("0::/a\n", to: "self/cgroup")
    try proc.write(
      "30 1 0:30 / \(groups.path)/none rw - cgroup2 cgroup2 rw\n", to: "self/mountinfo")
    try version2("late/a/", "150000")
    #expect(reader.read(at: 0) == nil)
    try proc.write(
      "31 1 0:30 / \(groups.path)/late rw - cgroup2 cgroup2 rw\n", to: "self/mountinfo")
    #expect(reader.read(at: 10 * Self.second)?.limit == 1.5)
  }

  @Test mutating func returnsNilWithoutGroups() {
    #expect(reader.read(at: 0) == nil)
  }
}
